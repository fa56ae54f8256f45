//! A server in a process of its own, for the tests that signal it, leave it few descriptors, or
//! count its system calls.
//!
//! Serves on the address it is given, else on a free port, and says in a line who listens where:
//! `ID listens on ADDRESS`. After an address, `narrow` has little room for slow readers, and
//! `patient` lets who is silent stay when no descriptor is left.

use std::sync::Arc;
use std::time::Duration;

use crampon::action::Action;
use crampon::prelude::*;
use crampon::reactor::Listener;
use crampon_tests::workloads;
use signal_hook::consts::SIGUSR1;
use signal_hook::flag;
use socket2::SockRef;

fn main() -> crampon::Result<()> {
    // A signal that means nothing, for who interrupts calls of the system.
    flag::register(SIGUSR1, Arc::default())?;
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:0".to_owned());
    let server = match arguments.next().as_deref() {
        Some("narrow") => narrow(&address),
        Some("patient") => Server::bind(address)?
            .limits(|limits| limits.idle_timeout_when_full = limits.idle_timeout),
        _ => Server::bind(address)?,
    };
    let server = server.limits(|limits| limits.stop_timeout = STOP_TIMEOUT);
    let address = server.local_addr().expect("it listens on TCP");
    println!("{} listens on {address}", std::process::id());
    let routes = workloads()
        .at("/wait", || Wait)
        .at("/mute", || Mute)
        .at("/panic", || Fragile)
        .at("/news", || Reader)
        .at("/speak", || Speaker)
        .at("/overflow/{policy}", || Overflowing)
        .at("/overflow/{policy}/publish", || Pour);
    server.serve(routes)
}

/// A server that lets little wait for a reader, and the system even less, which else would take
/// megabytes.
fn narrow(address: &str) -> Server {
    let address = address.parse().expect("a narrow server is given an address and a port");
    let listener = Listener::bind(address).expect("the port is free");
    if let Listener::Tcp(socket) = &listener {
        // Connections inherit it.
        SockRef::from(socket).set_send_buffer_size(16 * 1024).expect("the system grants little");
    }
    Server::on(listener).limits(|limits| limits.outbox_bytes_max = 256 * 1024)
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

/// Panics.
#[action(transport = regular)]
struct Fragile;

#[callbacks]
impl Fragile {
    #[on_start]
    fn break_down(&mut self, _cx: &mut Context<Self>) {
        panic!("it was asked to");
    }
}

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

/// The channel of each policy for slow readers.
const OVERFLOWING: [(&str, Channel); 4] = [
    ("close", Channel::new("close")),
    ("drop_oldest", Channel::new("drop_oldest").overflow(Overflow::DropOldest)),
    ("drop_newest", Channel::new("drop_newest").overflow(Overflow::DropNewest)),
    ("latest", Channel::new("latest").overflow(Overflow::Latest)),
];

fn overflowing<A: Action>(cx: &Context<A>) -> Result<Channel, Halt> {
    let policy: String = cx.param("policy")?;
    let named = OVERFLOWING.into_iter().find(|(name, _)| *name == policy);
    named.map(|(_, channel)| channel).ok_or_else(|| Halt::new(404, "no such policy"))
}

/// Hears what is said by one policy.
#[action(transport = websocket)]
struct Overflowing;

#[callbacks]
impl Overflowing {
    #[on_start]
    fn join(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        let channel = overflowing(cx)?;
        cx.subscribe(channel);
        Ok(())
    }
}

/// Says what it hears by one policy, all of it under one key.
#[action(transport = websocket)]
struct Pour;

#[callbacks]
impl Pour {
    #[on_data]
    fn hear(&mut self, cx: &mut Context<Self>, text: &str) -> Result<(), Halt> {
        let channel = overflowing(cx)?;
        cx.publish(channel, Event::new(text).key("all"));
        Ok(())
    }
}
