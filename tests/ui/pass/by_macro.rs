//! Actions that a macro writes, with settings that it is given: token by token, or as expressions.

use crampon::action::{Action, Context};
use crampon::{action, callbacks};

macro_rules! upload {
    ($name:ident, $bytes:expr, $($settings:tt)*) => {
        #[action(transport = regular, body_bytes_max = $bytes, $($settings)*)]
        struct $name;

        #[callbacks]
        impl $name {
            #[on_data]
            fn hear(&mut self, cx: &mut Context<Self>, body: &[u8]) {
                let _ = body;
                cx.finish();
            }
        }
    };
}

const KIB: usize = 1024;

upload!(Short, 2 * KIB, answer_timeout = "5s");
upload!(Long, 64 * KIB, body_rate_min = 2 * 120, outbox_bytes_max = KIB);

fn main() {
    assert_eq!(Short::DECLARATION.body_bytes_max, Some(2 * KIB));
    assert_eq!(Long::DECLARATION.body_bytes_max, Some(64 * KIB));
    assert_eq!(Long::DECLARATION.body_rate_min, Some(240));
}
