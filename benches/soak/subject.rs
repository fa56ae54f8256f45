//! The server that is soaked: rooms, a log, work off the loop, and floods too fast for some.

use std::io;

use crampon::prelude::*;
use crampon::reactor::{Listener, Reactor};
use socket2::SockRef;

pub const ROLE: &str = "subject";

/// Rooms there are; each hears something once a second.
pub const ROOMS: usize = 100;

/// The policies for slow readers, each with a flood of its own.
pub const FLOODS: [&str; 4] = ["close", "drop_oldest", "drop_newest", "latest"];

const ROOM: Channel = Channel::new("room").history(20);
const EVERYONE: Channel = Channel::new("everyone");
const FLOODING: [Channel; 4] = [
    Channel::new("close"),
    Channel::new("drop_oldest").overflow(Overflow::DropOldest),
    Channel::new("drop_newest").overflow(Overflow::DropNewest).history(20),
    Channel::new("latest").overflow(Overflow::Latest),
];

/// Serves until it is killed, and says first where.
pub fn serve() -> io::Result<()> {
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::WARN)
        .with_writer(io::stderr)
        .with_ansi(false)
        .init();
    let mut reactor = Reactor::new()?;
    let routes = Routes::new()
        .at("/rooms/{room}", || Room)
        .at("/log", || Log)
        .at("/floods/{policy}", || Flood)
        .get("/hello", || Hello)
        .get("/work", || Work)
        .get("/metrics", Metrics::new);
    let listener = Listener::bind(([127, 0, 0, 1], 0).into())?;
    if let Listener::Tcp(socket) = &listener {
        // Connections inherit it: who reads slowly is soon felt.
        SockRef::from(socket).set_send_buffer_size(SEND_BUFFER_BYTES)?;
    }
    let running = Server::on(listener)
        .limits(|limits| limits.outbox_bytes_max = OUTBOX_BYTES_MAX)
        .service(Crier { cries: 0 })
        .attach(&mut reactor, routes)
        .map_err(io::Error::other)?;
    println!("{}", running.local_addr().expect("it listens on TCP"));
    reactor.run()
}

const SEND_BUFFER_BYTES: usize = 64 * 1024;

/// A slow reader of a flood has so much waiting within ten seconds.
const OUTBOX_BYTES_MAX: usize = 256 * 1024;

/// Says back what it hears, hears what its room does, and ticks.
#[action(transport = websocket | sse | long_polling)]
struct Room;

#[callbacks]
impl Room {
    #[on_start]
    fn join(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        let (room, name) = (cx.param::<String>("room")?, cx.param::<String>("name")?);
        cx.enter(ROOM.at(&room).presence(), &name, &"here");
        cx.subscribe(ROOM.at(&room).presence());
        cx.subscribe(ROOM.at(&room));
        Ok(())
    }

    #[on_data]
    fn answer(&mut self, cx: &mut Context<Self>, text: &str) {
        cx.render(text);
    }

    #[periodic_timer(every = "7s")]
    fn tick(&mut self, cx: &mut Context<Self>) {
        cx.render("tick");
    }
}

/// Hears what everyone does, in chunks.
#[action(transport = chunked)]
struct Log;

#[callbacks]
impl Log {
    #[on_start]
    fn open(&mut self, cx: &mut Context<Self>) {
        cx.render("open\n");
        cx.subscribe(EVERYONE);
    }
}

/// Hears more than a slow reader takes.
#[action(transport = websocket | sse)]
struct Flood;

#[callbacks]
impl Flood {
    #[on_start]
    fn open(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        let policy: String = cx.param("policy")?;
        let at = FLOODS.iter().position(|name| *name == policy);
        let at = at.ok_or_else(|| Halt::new(404, "there is no such policy\n"))?;
        cx.subscribe(FLOODING[at].clone());
        Ok(())
    }
}

/// Answers at once.
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

/// Answers when a thread has done some work.
#[action(transport = regular)]
struct Work;

#[callbacks]
impl Work {
    #[on_start]
    fn work(&mut self, cx: &mut Context<Self>) {
        cx.defer(|| (1..=WORK).fold(1u64, |product, factor| product.wrapping_mul(factor)))
            .then(Self::done);
    }

    fn done(&mut self, cx: &mut Context<Self>, product: Result<u64, DeferError>) {
        cx.render(format!("{product:?}"));
        cx.finish();
    }
}

const WORK: u64 = 10_000;

/// Says something everywhere: in one room after the other, to everyone, and far too much in floods.
#[service]
struct Crier {
    cries: usize,
}

#[callbacks]
impl Crier {
    #[periodic_timer(every = "10ms")]
    fn cry(&mut self, cx: &mut Context<Self>) {
        self.cries += 1;
        cx.publish(ROOM.at(self.cries % ROOMS), format!("cry {}", self.cries));
        if self.cries.is_multiple_of(CRIES_A_FLOOD) {
            let wave = "~".repeat(WAVE_BYTES);
            let key = (self.cries % 10).to_string();
            for flood in FLOODING {
                cx.publish(flood, Event::new(wave.as_str()).key(&key));
            }
        }
    }

    /// Has a timer of its own: cries are fewer where the loop is busy, for a late timer fires once.
    #[periodic_timer(every = "5s")]
    fn proclaim(&mut self, cx: &mut Context<Self>) {
        cx.publish(EVERYONE, "hear ye\n");
    }
}

const CRIES_A_FLOOD: usize = 5;
const WAVE_BYTES: usize = 2 * 1024;
