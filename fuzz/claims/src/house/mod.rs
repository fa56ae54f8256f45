//! A house: the real server on a simulated network, with actions of every transport that do what
//! their visitors tell them, and a register of their lives.

mod actor;
mod deeds;
mod listener;
mod lives;
mod porter;
mod relay;

use std::net::SocketAddr;
use std::time::Duration;

use crampon::prelude::{Routes, Server};
use crampon::reactor::{Peer, Reactor, Simulation, Weather};
use crampon::{Gauges, Running};

use actor::Actor;
pub use deeds::CHANNELS;
use listener::Listener;
pub use lives::Lives;
use porter::{PartEcho, Porter};
use relay::Relay;

/// A server in its own world.
pub struct House {
    /// Who lived here, and what was wrong with it.
    pub lives: Lives,
    reactor: Reactor,
    simulation: Simulation,
    running: Running,
    address: SocketAddr,
    /// What it holds with nobody there.
    bare: Gauges,
    is_stopping: bool,
}

/// How wide a house is, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Width {
    /// What an outbox may hold.
    pub outbox_bytes_max: usize,
    /// What all together may hold before the past gives way; readers are closed at twice that.
    pub memory_bytes: usize,
    /// How many connections there may be before one is refused; 0 for any number.
    pub connections_max: usize,
    /// Whether everything else has narrow limits too.
    pub is_strict: bool,
}

impl Width {
    /// One that nobody gets to the end of by chance.
    pub const WIDE: Self = Self {
        outbox_bytes_max: 1 << 20,
        memory_bytes: 1 << 28,
        connections_max: 0,
        is_strict: false,
    };
}

impl House {
    /// Opens a house whose chance follows from the seed.
    ///
    /// # Panics
    /// When the server cannot be started, which depends on nothing.
    pub fn new(seed: u64, width: Width) -> Self {
        let (mut reactor, simulation) = Reactor::simulated(seed);
        let listener = simulation.listen(([10, 0, 0, 1], 80).into()).expect("the address is free");
        let address = listener.local_addr().expect("it listens");
        let lives = Lives::default();
        let running = Server::on(listener)
            .development(false)
            .limits(|limits| {
                limits.outbox_bytes_max = width.outbox_bytes_max;
                limits.memory_soft_bytes = width.memory_bytes;
                limits.memory_hard_bytes = width.memory_bytes.saturating_mul(2);
                limits.connections_max =
                    (width.connections_max > 0).then_some(width.connections_max);
                limits.message_bytes_max = MESSAGE_BYTES_MAX;
                limits.body_bytes_max = BODY_BYTES_MAX;
                limits.form_bytes_max = FORM_BYTES_MAX;
                limits.channel_idle_timeout = CHANNEL_IDLE_TIMEOUT;
                limits.deflate_bytes_min = 20;
                if width.is_strict {
                    limits.messages_per_second_max = Some(5);
                    limits.messages_at_once_max = 3;
                    limits.stream_life_max = Some(Duration::from_secs(20));
                    limits.requests_per_connection_max = 3;
                    limits.channels_per_connection_max = 2;
                    limits.timers_per_action_max = 2;
                    limits.fragments_max = 3;
                    limits.accepts_per_second_max = Some(2);
                    limits.stop_streams_per_second = 1;
                }
            })
            .service(Relay)
            .attach(&mut reactor, routes(&lives))
            .expect("the routes can be served");
        let bare = Gauges::default();
        let mut house =
            Self { lives, reactor, simulation, running, address, bare, is_stopping: false };
        house.pass(Duration::ZERO).expect("nothing has happened yet");
        house.bare = house.gauges().expect("it runs");
        house
    }

    /// Has the network be like this.
    pub fn set_weather(&self, weather: Weather) {
        self.simulation.set_weather(weather);
    }

    /// Connects; `None` when nobody listens any more.
    pub fn connect(&self) -> Option<Peer> {
        self.simulation.connect(self.address).ok()
    }

    /// Lets time pass; none at all lets happen what is to happen now.
    ///
    /// # Errors
    /// What no longer holds.
    pub fn pass(&mut self, time: Duration) -> Result<(), String> {
        self.reactor.advance(time).map_err(|error| error.to_string())?;
        self.check()
    }

    /// Lets time pass in which the loop does nothing.
    pub fn stall(&self, time: Duration) {
        self.simulation.stall(time);
    }

    /// Has deferred work wait, or be done.
    pub fn hold_work(&mut self, holds: bool) {
        self.reactor.hold_work(holds);
    }

    /// Publishes from outside.
    pub fn publish(&self, channel: usize, bytes: usize) {
        // Once it has ended there is nobody to tell.
        let _ = self.running.publish(CHANNELS[channel].clone(), "p".repeat(bytes));
    }

    /// Stops the server, as a signal does.
    pub fn stop(&mut self) {
        let _ = self.running.stop();
        self.is_stopping = true;
    }

    fn gauges(&mut self) -> Option<Gauges> {
        self.running.gauges(&mut self.reactor)
    }

    /// What holds at any time.
    fn check(&mut self) -> Result<(), String> {
        if let Some(fault) = self.lives.fault() {
            return Err(fault);
        }
        let idle = self.simulation.idle_ticks_max();
        if idle > IDLE_TICKS_MAX {
            return Err(format!("the loop made {idle} ticks in a row with nothing to do"));
        }
        self.running.audit(&mut self.reactor, OUTBOX_BYTES_PER_TICK)
    }

    /// What holds when everybody has left and their deadlines have passed.
    ///
    /// # Errors
    /// What is left of them.
    pub fn check_empty(&mut self) -> Result<(), String> {
        self.check()?;
        self.lives.check_over()?;
        match self.gauges() {
            None if self.is_stopping => Ok(()),
            None => Err("the server has ended by itself".into()),
            Some(gauges) if self.is_stopping => Err(format!("it does not end: {gauges:?}")),
            Some(gauges) if gauges == self.bare => Ok(()),
            Some(gauges) => Err(format!(
                "something is left: {gauges:?}, and before anybody came {:?}",
                self.bare
            )),
        }
    }
}

fn routes(lives: &Lives) -> Routes {
    let mut routes = Routes::new();
    macro_rules! at {
        ($path:expr, $made:expr) => {{
            let lives = lives.clone();
            routes = routes.at($path, move || $made(lives.enter($path)));
        }};
    }
    at!("/regular", Actor::<0>::new);
    at!("/chunked", Actor::<1>::new);
    at!("/sse", Actor::<2>::new);
    at!("/poll", Actor::<3>::new);
    at!("/socket", Actor::<4>::new);
    at!("/any", Actor::<5>::new);
    at!("/dedicated", Actor::<6>::new);
    at!("/listen", Listener::new);
    at!("/parts", PartEcho::new);
    let porters = lives.clone();
    routes.post("/upload", move || Porter::new(porters.enter("/upload")))
}

/// Bytes of a WebSocket message.
pub const MESSAGE_BYTES_MAX: usize = 8 * 1024;
/// Bytes of a request's body.
pub const BODY_BYTES_MAX: usize = 16 * 1024;
/// Bytes of a form.
pub const FORM_BYTES_MAX: usize = 1024;

/// How long a channel lasts that nobody uses: less than a house is left alone for at the end.
const CHANNEL_IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// Bytes one tick may add to an outbox that is not full: the limit is tested before, all that a
/// visitor sends at once comes back, and some deeds say a lot.
const OUTBOX_BYTES_PER_TICK: usize = 150_000;

/// Ticks in a row that may find nothing to do: one settles what a call from outside has changed,
/// one what that has led to.
const IDLE_TICKS_MAX: u32 = 4;
