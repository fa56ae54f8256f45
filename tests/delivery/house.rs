//! The house: the real server on a simulated network and clock, started anew at will.

use std::cell::RefCell;
use std::net::SocketAddr;

use crampon::Running;
use crampon::action::{Action, Callbacks, Deflate};
use crampon::prelude::*;
use crampon::reactor::{Peer, Reactor, Simulation};
use crampon_tests::Request;

use crate::channels::{CHANNELS, LONG, Manner, PATHS, PLAIN, Path, SOURCE, parts_of};
use crate::truth::{KEYS, Said, Truth};

pub type Shared = Rc<RefCell<Truth>>;

/// How narrow a house is.
#[derive(Clone, Copy, Debug)]
pub struct Width {
    pub outbox_bytes_max: usize,
    /// Connections beyond which event streams end as soon as they have told what there is.
    pub connections_soft_max: Option<usize>,
    /// Bytes beyond which the past gives way.
    pub memory_soft_bytes: usize,
    /// How it compresses what it says over WebSockets.
    pub deflate: Deflate,
}

/// A server, and what was published by it and those before it.
pub struct House {
    pub truth: Shared,
    reactor: Reactor,
    simulation: Simulation,
    address: SocketAddr,
    running: Running,
    width: Width,
}

impl House {
    pub fn new(seed: u64, width: Width) -> Self {
        Self::with(Shared::new(RefCell::new(Truth::new())), seed, width)
    }

    fn with(truth: Shared, seed: u64, width: Width) -> Self {
        let (mut reactor, simulation) = Reactor::simulated(seed);
        let listener = simulation.listen(([10, 0, 0, 1], 80).into()).expect("the address is free");
        let address = listener.local_addr().expect("it listens");
        let running = Server::on(listener)
            .limits(|limits| {
                limits.outbox_bytes_max = width.outbox_bytes_max;
                limits.connections_soft_max = width.connections_soft_max;
                limits.memory_soft_bytes = width.memory_soft_bytes;
                limits.deflate = width.deflate;
                limits.deflate_bytes_min = 40;
                // Nobody is refused for having been held while nothing was done.
                limits.hold_timeout = Duration::from_secs(1_000_000);
                // No channel is forgotten but by its own rules.
                limits.channel_idle_timeout = Duration::from_secs(1_000_000);
            })
            .service(Relay { truth: truth.clone() })
            .attach(&mut reactor, routes(&truth))
            .expect("the routes can be served");
        let mut house = Self { truth, reactor, simulation, address, running, width };
        house.settle();
        house
    }

    /// Another process takes over: nothing is left of the last but what clients remember.
    pub fn restart(&mut self, seed: u64) {
        self.truth.borrow_mut().restart();
        *self = Self::with(self.truth.clone(), seed, self.width);
    }

    pub fn connect(&self) -> Peer {
        self.simulation.connect(self.address).expect("it listens")
    }

    pub fn settle(&mut self) {
        self.pass(Duration::ZERO);
    }

    pub fn pass(&mut self, time: Duration) {
        self.reactor.advance(time).expect("it comes to rest");
        self.truth.borrow_mut().now += time;
    }

    /// Lets time pass in which the loop does nothing.
    pub fn stall(&mut self, time: Duration) {
        self.simulation.stall(time);
        self.truth.borrow_mut().now += time;
    }

    /// Publishes from outside of the loop; it arrives with the next tick.
    pub fn publish(&self, channel: usize, padding: usize) {
        let mut truth = self.truth.borrow_mut();
        let said = truth.publish(channel, padding);
        let topic = &CHANNELS[channel];
        self.running.publish(topic, event(channel, said)).expect("it can be published");
    }

    /// Publishes from inside of an action, all in one callback; what was published before has
    /// settled.
    pub fn press(&mut self, wishes: &[(usize, usize)]) {
        let lines: Vec<String> =
            wishes.iter().map(|(channel, padding)| format!("{channel} {padding}")).collect();
        let peer = self.connect();
        peer.send(&Request::post("/press", lines.join("\n")).bytes());
        self.settle();
        let answer = peer.receive();
        assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", answer.escape_ascii());
    }
}

fn event<'a>(channel: usize, said: &'a Said) -> Event<'a> {
    let event = Event::new(said.text.as_str()).key((said.number % KEYS).to_string());
    if channel == crate::channels::ROWS { event.id(said.row) } else { event }
}

fn routes(truth: &Shared) -> Routes {
    let press = truth.clone();
    let routes = Routes::new().post("/press", move || Press { truth: press.clone() });
    PATHS.iter().fold(routes, |routes, path| {
        let truth = truth.clone();
        match path.manner {
            Manner::Passing => routes.at(path.route, move || Passing { path }),
            Manner::Shaping => routes.at(path.route, move || Shaping { path }),
            Manner::Telling => {
                routes.at(path.route, move || Telling { path, truth: truth.clone() })
            }
            Manner::ShapingAndTelling => {
                routes.at(path.route, move || ShapingAndTelling { path, truth: truth.clone() })
            }
            Manner::Holding => routes.at(path.route, move || Holding { path }),
        }
    })
}

fn join<A: Action + Callbacks>(path: &Path, cx: &mut Context<A>) {
    for channel in path.channels {
        cx.subscribe(CHANNELS[*channel].replay(path.replay));
    }
}

/// Says a message in parts, each with all of it.
fn shape<A: Action + Callbacks>(cx: &mut Context<A>, message: &Message) {
    let text = message.as_text().expect("all that is published is text");
    let number = text.split(':').nth(1).and_then(|number| number.parse().ok());
    let parts = parts_of(number.expect("it has a number"));
    for part in 1..=parts {
        cx.render(Event::new(format!("{part}/{parts}:{text}")));
    }
}

/// Says how far everything has got.
fn tell<A: Action + Callbacks>(path: &Path, truth: &Shared, cx: &mut Context<A>) {
    let truth = truth.borrow();
    let lasts = path.channels.iter().map(|channel| format!("{channel}={}", truth.last(*channel)));
    let lasts: Vec<String> = lasts.collect();
    cx.render(Event::new(format!("so far {}", lasts.join(" "))));
}

#[action(transport = websocket | sse | long_polling)]
struct Passing {
    path: &'static Path,
}

#[callbacks]
impl Passing {
    #[on_start]
    fn join(&mut self, cx: &mut Context<Self>) {
        join(self.path, cx);
    }
}

#[action(transport = websocket | sse | long_polling)]
struct Shaping {
    path: &'static Path,
}

#[callbacks]
impl Shaping {
    #[on_start]
    fn join(&mut self, cx: &mut Context<Self>) {
        join(self.path, cx);
    }

    #[on_message]
    fn heard(&mut self, cx: &mut Context<Self>, message: &Message) {
        shape(cx, message);
    }
}

#[action(transport = websocket | sse | long_polling)]
struct Telling {
    path: &'static Path,
    truth: Shared,
}

#[callbacks]
impl Telling {
    #[on_start]
    fn join(&mut self, cx: &mut Context<Self>) {
        join(self.path, cx);
    }

    #[on_gap]
    fn missed(&mut self, cx: &mut Context<Self>, _gap: &Gap) {
        tell(self.path, &self.truth, cx);
    }
}

#[action(transport = websocket | sse | long_polling)]
struct ShapingAndTelling {
    path: &'static Path,
    truth: Shared,
}

#[callbacks]
impl ShapingAndTelling {
    #[on_start]
    fn join(&mut self, cx: &mut Context<Self>) {
        join(self.path, cx);
    }

    #[on_message]
    fn heard(&mut self, cx: &mut Context<Self>, message: &Message) {
        shape(cx, message);
    }

    #[on_gap]
    fn missed(&mut self, cx: &mut Context<Self>, _gap: &Gap) {
        tell(self.path, &self.truth, cx);
    }
}

/// Subscribes at once, and starts a while later.
#[action(transport = websocket | sse | long_polling)]
struct Holding {
    path: &'static Path,
}

#[callbacks]
impl Holding {
    #[before_start]
    fn wait(&mut self, cx: &mut Context<Self>) {
        join(self.path, cx);
        cx.hold();
        cx.after(Duration::from_millis(700), |_, cx| cx.proceed());
    }
}

/// Publishes what its body says: lines of a channel and a length.
#[action(transport = regular)]
struct Press {
    truth: Shared,
}

#[callbacks]
impl Press {
    #[on_data]
    fn told(&mut self, cx: &mut Context<Self>, wishes: &str) {
        for wish in wishes.lines() {
            let (channel, padding) = wish.split_once(' ').expect("a channel and a length");
            let channel: usize = channel.parse().expect("a channel is a number");
            let padding = padding.parse().expect("a length is a number");
            let mut truth = self.truth.borrow_mut();
            let said = truth.publish(channel, padding);
            cx.publish(&CHANNELS[channel], event(channel, said));
        }
        cx.finish();
    }
}

/// Says on two channels what it hears on one: publishes while others are delivered to.
#[service]
struct Relay {
    truth: Shared,
}

#[callbacks]
impl Relay {
    #[on_start]
    fn listen(&mut self, cx: &mut Context<Self>) {
        cx.subscribe(&CHANNELS[SOURCE]);
    }

    #[on_message]
    fn heard(&mut self, cx: &mut Context<Self>, message: &Message) {
        for channel in [LONG, PLAIN] {
            let mut truth = self.truth.borrow_mut();
            let said = truth.publish(channel, message.bytes().len());
            cx.publish(&CHANNELS[channel], event(channel, said));
        }
    }
}
