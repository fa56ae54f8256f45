//! The subject: a Crampon server with one small action for each row.

use std::cell::RefCell;
use std::io;
use std::time::Instant;

use crampon::prelude::*;
use crampon::reactor::{Listener, Reactor};
use socket2::SockRef;

use crate::lateness::Lateness;

pub const ROLE: &str = "subject";

/// Serves until it is killed: `subject [OUTBOX_BYTES_MAX]`.
pub fn serve() -> io::Result<()> {
    let lateness = Rc::new(RefCell::new(Lateness::default()));
    let seen = lateness.clone();
    let routes = Routes::new()
        .at("/clock", move || Clock { lateness: lateness.clone(), next: None })
        .at("/lateness", move || Late { seen: seen.clone() })
        .at("/overflow/{policy}", || Overflowing)
        .at("/overflow/{policy}/publish", || Pour);
    let mut reactor = Reactor::new()?;
    let server = match std::env::args().nth(2) {
        None => Server::bind("127.0.0.1:0").map_err(io::Error::other)?,
        Some(bytes) => {
            let bytes = bytes.parse().map_err(io::Error::other)?;
            narrow()?.limits(|limits| limits.outbox_bytes_max = bytes)
        }
    };
    let running = server.attach(&mut reactor, routes).map_err(io::Error::other)?;
    println!("{}", running.local_addr().expect("it listens on TCP"));
    reactor.run()
}

/// A server whose connections leave little in the system's own buffers: what its readers do not
/// take is soon its own to keep.
fn narrow() -> io::Result<Server> {
    let listener = Listener::bind(([127, 0, 0, 1], 0).into())?;
    if let Listener::Tcp(socket) = &listener {
        // Connections inherit it.
        SockRef::from(socket).set_send_buffer_size(NARROW_BYTES)?;
    }
    Ok(Server::on(listener))
}

/// Bytes of a few messages of two kilobytes.
const NARROW_BYTES: usize = 16 * 1024;

/// Ticks once a second, and notes how late.
#[action(transport = websocket | sse)]
struct Clock {
    lateness: Rc<RefCell<Lateness>>,
    next: Option<Instant>,
}

#[callbacks]
impl Clock {
    #[on_start]
    fn start(&mut self, cx: &mut Context<Self>) {
        self.next = Some(cx.now() + PERIOD);
    }

    #[periodic_timer(every = "1s")]
    fn tick(&mut self, cx: &mut Context<Self>) {
        if let Some(next) = &mut self.next {
            self.lateness.borrow_mut().note(Instant::now().saturating_duration_since(*next));
            *next += PERIOD;
        }
        cx.render("tick");
    }
}

const PERIOD: Duration = Duration::from_secs(1);

/// Tells how late the clocks were since it was last asked.
#[action(transport = regular)]
struct Late {
    seen: Rc<RefCell<Lateness>>,
}

#[callbacks]
impl Late {
    #[on_start]
    fn tell(&mut self, cx: &mut Context<Self>) {
        cx.render(self.seen.take().to_string());
        cx.finish();
    }
}

/// The channel of each policy for slow readers.
const OVERFLOWING: [(&str, Channel); 4] = [
    ("close", Channel::new("close")),
    ("drop_oldest", Channel::new("drop_oldest").overflow(Overflow::DropOldest)),
    ("drop_newest", Channel::new("drop_newest").overflow(Overflow::DropNewest)),
    ("latest", Channel::new("latest").overflow(Overflow::Latest)),
];

fn overflowing<A: crampon::action::Action>(cx: &Context<A>) -> Result<Channel, Halt> {
    let policy: String = cx.param("policy")?;
    let named = OVERFLOWING.into_iter().find(|(name, _)| *name == policy);
    named.map(|(_, channel)| channel).ok_or_else(|| Halt::new(404, "no such policy"))
}

/// Hears what is said by one policy.
#[action(transport = websocket | sse, keep_alive = off)]
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

/// Says what it hears by one policy, under the key that its first two letters are.
#[action(transport = websocket, keep_alive = off)]
struct Pour;

#[callbacks]
impl Pour {
    #[on_data]
    fn hear(&mut self, cx: &mut Context<Self>, text: &str) -> Result<(), Halt> {
        let channel = overflowing(cx)?;
        cx.publish(channel, Event::new(text).key(&text[..2]));
        Ok(())
    }
}
