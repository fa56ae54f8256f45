//! A server in a process of its own, for the tests that signal it, leave it few descriptors, or
//! count its system calls.
//!
//! Serves on the address it is given, else on a free port, and says in a line who listens where:
//! `ID listens on ADDRESS`.

use std::time::Duration;

use crampon::prelude::*;
use crampon_tests::workloads;

fn main() -> crampon::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:0".to_owned());
    let server = Server::bind(address)?.limits(|limits| limits.stop_timeout = STOP_TIMEOUT);
    let address = server.local_addr().expect("it listens on TCP");
    println!("{} listens on {address}", std::process::id());
    let routes = workloads()
        .at("/wait", || Wait)
        .at("/mute", || Mute)
        .at("/news", || Reader)
        .at("/speak", || Speaker);
    server.serve(routes)
}

/// How long it waits for who is inside when it stops: long enough to see that it did not.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// Has nothing to say, and takes half a second for it.
#[action(transport = long_polling, poll_timeout = "500ms")]
struct Wait;

#[callbacks]
impl Wait {}

/// Never answers.
#[action(transport = regular)]
struct Mute;

#[callbacks]
impl Mute {}

/// What is kept for those who are cut off: far more than is said while one of them is away.
const NEWS: Channel = Channel::new("news").history(1000);

/// Hears the news, a newcomer from their beginning.
#[action(transport = websocket | sse | long_polling, subscribe = NEWS.replay(Replay::All))]
struct Reader;

#[callbacks]
impl Reader {}

/// Makes news of what it hears.
#[action(transport = websocket)]
struct Speaker;

#[callbacks]
impl Speaker {
    #[on_data]
    fn hear(&mut self, cx: &mut Context<Self>, text: &str) {
        cx.publish(NEWS, text);
    }
}
