//! One server with every kind of endpoint, for protocol suites and load generators to point at.
//!
//! Run it with `cargo run --release --example workbench -- --port 3000`. It logs warnings only;
//! `RUST_LOG=info` shows more.
//!
//! | endpoint | what it does |
//! |---|---|
//! | `GET /` | `hello`, as plain text |
//! | `GET /echo` | a WebSocket that says what it hears; subprotocols `echo` and `chat` |
//! | `POST /echo` | the body, back |
//! | `GET /guarded` | `/echo`, for pages of this origin only: 403 to others |
//! | `POST /pub` | says the body to everyone at `/sub` (WebSocket) and `/sse` |
//! | `GET /tick`, `GET /wstick` | the time, every second, as events and over a WebSocket |
//! | `POST /publish?event=NAME` | numbers the body, and says it to the three below |
//! | `GET /events?retry=MS&hb=MS` | what is published, with id and name; resumes; a heartbeat |
//! | `GET /feed` | what is published, over a WebSocket |
//! | `GET /poll?after=ID&timeout=MS` | what was published after ID, as JSON; 204 if nothing |
//! | `GET /ticks?n=N&ms=M&drop=K&retry=R` | counts to N, loses its reader after each K, resumes |
//! | `GET /stats` | how many event streams and WebSockets are open |
//! | `GET /health`, `GET /metrics` | whether it is ready for more; all figures, for Prometheus |

mod census;
mod echo;
mod guarded;
mod hello;
mod poll;
mod publication;
mod query;
mod tick;
mod ticks;
mod topic;

use std::io::{self, IsTerminal};

use crampon::prelude::*;
use tracing_subscriber::EnvFilter;

use census::{Census, Stats};
use echo::Echo;
use guarded::Guarded;
use hello::Hello;
use poll::Poll;
use publication::{Publish, Reader};
use tick::Tick;
use ticks::Ticks;
use topic::{Post, Subscriber};

/// Bytes of a message or body: suites send 16 MiB and want it back, and 64 MiB refused.
const MESSAGE_BYTES_MAX: usize = 32 << 20;

/// Fragments of a message: suites send 4 MiB in frames of 64 bytes and an empty one behind them,
/// one more than a server takes unless told.
const FRAGMENTS_MAX: u32 = 1 << 20;

/// Bytes that may wait for a reader before it is closed: one that is 1 MiB behind loses nothing,
/// be it in messages of a few bytes, for each of which 32 are counted.
const OUTBOX_BYTES_MAX: usize = 8 << 20;

fn main() -> crampon::Result<()> {
    install_log();
    Server::bind(crampon_examples::address())?
        // Suites and pages come from anywhere.
        .origins(Origins::Any)
        .limits(|limits| {
            // A head of 16 KiB passes, be it one long line or many short ones.
            limits.head.headers_max = 256;
            limits.head.target_bytes_max = limits.head.head_bytes_max;
            limits.message_bytes_max = MESSAGE_BYTES_MAX;
            limits.fragments_max = FRAGMENTS_MAX;
            limits.body_bytes_max = MESSAGE_BYTES_MAX;
            limits.event_bytes_max = MESSAGE_BYTES_MAX;
            limits.outbox_bytes_max = OUTBOX_BYTES_MAX;
        })
        .serve(routes())
}

fn routes() -> Routes {
    let census = Rc::<Census>::default();
    let census = || census.clone();
    Routes::new()
        .get("/", || Hello)
        .at("/echo", Echo::recipe(census()))
        .at("/guarded", Guarded::recipe(census()))
        .post("/pub", || Post)
        .at("/sub", Subscriber::recipe(census()))
        .at("/sse", Subscriber::recipe(census()))
        .at("/tick", Tick::recipe(census()))
        .at("/wstick", Tick::recipe(census()))
        .post("/publish", Publish::recipe())
        .at("/events", Reader::recipe(census()))
        .at("/feed", Reader::recipe(census()))
        .get("/poll", Poll::new)
        .at("/ticks", Ticks::recipe(census()))
        .get("/stats", Stats::recipe(census()))
        .get("/health", Health::new)
        .get("/metrics", Metrics::new)
}

/// Logs warnings, or what `RUST_LOG` asks for: a line for each request would be half of what is
/// measured.
fn install_log() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        // A full disk is not to be told of on the full disk.
        .log_internal_errors(false)
        .init();
}
