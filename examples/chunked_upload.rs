//! A body heard part by part, as it arrives: counted and summed, and never kept.
//!
//! ```sh
//! cargo run --release --example chunked_upload
//! head -c 1G /dev/urandom > /tmp/big
//! curl -T /tmp/big http://127.0.0.1:3000/upload              # PUT, its length known
//! curl -T - http://127.0.0.1:3000/upload < /tmp/big          # PUT, in chunks
//! curl -d 'hello' http://127.0.0.1:3000/upload               # POST
//! sha1sum /tmp/big                                           # the same sum
//! ```
//!
//! The answer is `{"bytes":..,"parts":..,"sha1":".."}`. However long the body, the server's memory
//! stays as it is: a part is borrowed from what was just read from the socket.

use crampon::prelude::*;
use crampon_examples::{address, is_development};
use serde::Serialize;
use sha1::{Digest, Sha1};

#[action(transport = regular, body_bytes_max = BODY_BYTES_MAX)]
#[derive(Default)]
struct Upload {
    bytes: u64,
    parts: u64,
    sum: Sha1,
}

#[callbacks]
impl Upload {
    #[on_data(stream)]
    fn hear(&mut self, cx: &mut Context<Self>, part: Part<'_>) {
        self.bytes += part.bytes.len() as u64;
        self.parts += 1;
        self.sum.update(part.bytes);
        if part.is_last {
            self.answer(cx);
        }
    }

    fn answer(&mut self, cx: &mut Context<Self>) {
        let sha1 = self.sum.finalize_reset().iter().map(|byte| format!("{byte:02x}")).collect();
        cx.render(Event::json(&Receipt { bytes: self.bytes, parts: self.parts, sha1 }));
        cx.finish();
    }
}

/// What the sender is told.
#[derive(Serialize)]
struct Receipt {
    bytes: u64,
    parts: u64,
    sha1: String,
}

/// Bytes of one upload: 64 GiB, because nothing of it is kept.
const BODY_BYTES_MAX: usize = 64 << 30;

fn main() -> crampon::Result<()> {
    let routes = Routes::new().put("/upload", Upload::default).post("/upload", Upload::default);
    Server::bind(address())?.development(is_development()).serve(routes)
}
