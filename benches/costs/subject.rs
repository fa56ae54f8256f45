//! The server whose costs are counted: a small action for each path, and a loop that turns when
//! it is told to.
//!
//! `costs_subject server` serves on a free port; `costs_subject timers COUNT` is a simulated loop
//! on which a hundred timers fire in each turn while so many others wait for their hour. Either
//! says in a line where it listens and what it takes the processor for. Then each [`TURN`] that it
//! reads is a turn of the loop, each [`MARK`] a call of the function that counters are told to
//! look for, and each is answered with the same byte when that is done. At the end of its input it
//! ends. Knows nothing of who counts.

use std::hint::black_box;
use std::io::{self, Read, Write};
use std::net::SocketAddr;

use crampon::prelude::*;
use crampon::reactor::{Handler, Reactor, Readiness, Scope, Timer};

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let role = arguments.next();
    let (mut house, address) = match role.as_deref() {
        Some("timers") => {
            let count = arguments.next().and_then(|count| count.parse().ok());
            let count = count.ok_or(io::Error::other("how many timers wait?"))?;
            (House::of_timers(count)?, SocketAddr::from(([0; 4], 0)))
        }
        _ => House::of_server()?,
    };
    let mut out = io::stdout().lock();
    writeln!(out, "{address} {}", processor())?;
    for step in io::stdin().lock().bytes() {
        let step = step?;
        match step {
            TURN => turn(&mut house)?,
            MARK => mark(),
            _ => return Err(io::Error::other("a step is a turn or a mark")),
        }
        out.write_all(&[step])?;
        out.flush()?;
    }
    Ok(())
}

/// What is counted.
#[inline(never)]
fn turn(house: &mut House) -> io::Result<()> {
    let turned = match house {
        House::Server(reactor) => reactor.turn(Some(PATIENCE)).map(drop),
        House::Timers(reactor) => reactor.advance(PERIOD),
    };
    // It must not become a jump, or counters do not see it return.
    black_box(turned)
}

/// Where counting begins anew.
#[inline(never)]
fn mark() {
    black_box(());
}

/// What stands for a turn of the loop.
const TURN: u8 = b't';

/// What stands for a mark.
const MARK: u8 = b'm';

/// How long a turn waits for something to do: far longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(1);

/// What of the processor chooses among ways of doing the same.
#[cfg(target_arch = "x86_64")]
fn processor() -> String {
    let mut processor = String::from("x86_64");
    for (feature, is_there) in [
        ("sse4.2", is_x86_feature_detected!("sse4.2")),
        ("pclmulqdq", is_x86_feature_detected!("pclmulqdq")),
        ("avx", is_x86_feature_detected!("avx")),
        ("avx2", is_x86_feature_detected!("avx2")),
        ("bmi2", is_x86_feature_detected!("bmi2")),
        ("sha", is_x86_feature_detected!("sha")),
        ("avx512f", is_x86_feature_detected!("avx512f")),
    ] {
        if is_there {
            processor = processor + "+" + feature;
        }
    }
    processor
}

/// What of the processor chooses among ways of doing the same.
#[cfg(not(target_arch = "x86_64"))]
fn processor() -> String {
    std::env::consts::ARCH.to_owned()
}

/// A loop and who lives on it.
enum House {
    Server(Reactor),
    Timers(Reactor),
}

impl House {
    fn of_server() -> io::Result<(Self, SocketAddr)> {
        let routes = Routes::new()
            .at("/echo", || Echo)
            .at("/feed", || Feed)
            .at("/publish", || Publish)
            .at("/poll", || Poll)
            .at("/hello", || Hello)
            .post("/receive", || Receive)
            .at("/clock", || Clock);
        let mut reactor = Reactor::new()?;
        let server = Server::bind("127.0.0.1:0").map_err(io::Error::other)?;
        let running = server.attach(&mut reactor, routes).map_err(io::Error::other)?;
        let address = running.local_addr().expect("it listens on TCP");
        Ok((Self::Server(reactor), address))
    }

    fn of_timers(waiting: u32) -> io::Result<Self> {
        let (mut reactor, _) = Reactor::simulated(0);
        reactor.add(|scope| {
            for _ in 0..TIMERS {
                scope.every(PERIOD, 1);
            }
            for number in 0..waiting {
                scope.after(HOUR + PERIOD * number, 0);
            }
            Ok(Counter::default())
        })?;
        Ok(Self::Timers(reactor))
    }
}

/// Timers that fire in each turn.
const TIMERS: u32 = 100;

/// How often.
const PERIOD: Duration = Duration::from_millis(1);

/// What timers wait for that do not fire.
const HOUR: Duration = Duration::from_secs(3600);

/// Counts what it is called for.
#[derive(Default)]
struct Counter {
    count: u64,
}

impl Handler for Counter {
    fn ready(&mut self, _: Readiness, _: &mut Scope<'_>) {}

    fn expired(&mut self, _: Timer, key: u64, _: &mut Scope<'_>) {
        self.count += black_box(key);
    }
}

/// Says back what it hears.
#[action(transport = websocket, keep_alive = "1h")]
struct Echo;

#[callbacks]
impl Echo {
    #[on_data]
    fn hear(&mut self, cx: &mut Context<Self>, text: &str) {
        cx.render(text);
    }
}

/// Hears the feed.
#[action(transport = websocket | sse, keep_alive = "1h", subscribe = "feed")]
struct Feed;

#[callbacks]
impl Feed {}

/// Publishes what it hears on the feed.
#[action(transport = websocket, keep_alive = "1h")]
struct Publish;

#[callbacks]
impl Publish {
    #[on_data]
    fn hear(&mut self, cx: &mut Context<Self>, text: &str) {
        cx.publish("feed", text);
    }
}

/// Waits for what the feed says next.
#[action(transport = long_polling, subscribe = "feed")]
struct Poll;

#[callbacks]
impl Poll {}

/// Answers and is done.
#[action(transport = regular)]
struct Hello;

#[callbacks]
impl Hello {
    #[on_start]
    fn greet(&mut self, cx: &mut Context<Self>) {
        cx.render("Hello World!");
        cx.finish();
    }
}

/// Says how long a body was.
#[action(transport = regular)]
struct Receive;

#[callbacks]
impl Receive {
    #[on_data]
    fn hear(&mut self, cx: &mut Context<Self>, body: &[u8]) {
        cx.render(body.len().to_string());
        cx.finish();
    }
}

/// Ticks a hundred times a second.
#[action(transport = websocket | sse, keep_alive = "1h")]
struct Clock;

#[callbacks]
impl Clock {
    #[periodic_timer(every = "10ms")]
    fn tick(&mut self, cx: &mut Context<Self>) {
        cx.render("tick");
    }
}
