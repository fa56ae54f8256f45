//! A world: one server on a simulated network, and all who visit it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::net::SocketAddr;
use std::rc::{Rc, Weak};
use std::time::Duration;

use http::Method;

use super::viewer::{Trial, Viewer};
use super::visit::Visit;
use crate::action::{Drain, FinishReason, Topic};
use crate::figures::Gauges;
use crate::reactor::{Peer, Reactor, Simulation, Weather};
use crate::routes::Routes;
use crate::server::{Farewells, Running, Server};

/// One server on a simulated network and clock, with any number of viewers.
///
/// ```
/// use crampon::prelude::*;
/// use crampon::trial::World;
///
/// #[action(transport = websocket | sse)]
/// struct Chat;
///
/// #[callbacks]
/// impl Chat {
///     #[on_start]
///     fn join(&mut self, cx: &mut Context<Self>) { cx.subscribe("room") }
///
///     #[on_data]
///     fn said(&mut self, cx: &mut Context<Self>, text: &str) { cx.publish("room", text) }
/// }
///
/// let world = World::new(Routes::new().at("/chat", || Chat));
/// let mut ann = world.socket("/chat");
/// let mut bob = world.events("/chat");
/// ann.send("hello");
/// ann.expect_render("hello");
/// bob.expect_render("hello");
/// world.post("/chat", "hi, Ann").expect_status(204);
/// ann.expect_render("hi, Ann");
/// ```
#[derive(Clone)]
pub struct World {
    inner: Rc<RefCell<Inner>>,
}

struct Inner {
    reactor: Reactor,
    simulation: Simulation,
    server: Running,
    address: SocketAddr,
    /// By the ids of their peers.
    viewers: HashMap<usize, Weak<RefCell<Viewer>>>,
    farewells: Farewells,
}

impl World {
    /// A server of these routes, with the default limits.
    pub fn new(routes: Routes) -> Self {
        Self::with(routes, |server| server)
    }

    /// A server of these routes, set up as wanted: services, limits, development.
    ///
    /// ```
    /// # use crampon::prelude::*;
    /// # use crampon::trial::World;
    /// let world = World::with(Routes::new(), |server| {
    ///     server.limits(|limits| limits.stop_timeout = Duration::from_secs(1))
    /// });
    /// ```
    ///
    /// # Panics
    /// When the routes conflict.
    pub fn with(routes: Routes, set_up: impl FnOnce(Server) -> Server) -> Self {
        let (mut reactor, simulation) = Reactor::simulated(SEED);
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = simulation.listen(address).expect("nobody else listens here");
        let address = listener.local_addr().expect("a simulated listener has an address");
        let farewells = Farewells::default();
        let server = set_up(Server::on(listener).recording_farewells(farewells.clone()));
        let server = match server.attach(&mut reactor, routes) {
            Ok(server) => server,
            Err(error) => panic!("the world cannot begin: {error}"),
        };
        let viewers = HashMap::new();
        let inner = Inner { reactor, simulation, server, address, viewers, farewells };
        let world = Self { inner: Rc::new(RefCell::new(inner)) };
        world.settle();
        world
    }

    /// Makes a request.
    pub fn visit(&self, visit: Visit) -> Trial {
        let trial = self.meet(visit.method.clone());
        trial.send_bytes(&visit.encode());
        trial
    }

    /// Connects without a word: what is said then is the test's own, byte by byte.
    pub fn connect(&self) -> Trial {
        self.meet(Method::GET)
    }

    /// As [`connect`](Self::connect), from an address of the test's own.
    pub fn connect_from(&self, from: SocketAddr) -> Trial {
        let inner = self.inner.borrow();
        let peer = inner.simulation.connect_from(from, inner.address);
        drop(inner);
        self.welcome(peer.expect("the server listens until it stops"), Method::GET)
    }

    fn meet(&self, method: Method) -> Trial {
        let inner = self.inner.borrow();
        let peer = inner.simulation.connect(inner.address);
        drop(inner);
        self.welcome(peer.expect("the server listens until it stops"), method)
    }

    fn welcome(&self, peer: Peer, method: Method) -> Trial {
        let id = peer.id();
        let viewer = Rc::new(RefCell::new(Viewer::new(peer, method)));
        self.inner.borrow_mut().viewers.insert(id, Rc::downgrade(&viewer));
        Trial::new(self.clone(), viewer)
    }

    /// GET.
    pub fn get(&self, target: &str) -> Trial {
        self.visit(Visit::get(target))
    }

    /// POST.
    pub fn post(&self, target: &str, body: impl Into<Vec<u8>>) -> Trial {
        self.visit(Visit::post(target, body))
    }

    /// GET for an event stream.
    pub fn events(&self, target: &str) -> Trial {
        self.visit(Visit::events(target))
    }

    /// A WebSocket.
    pub fn socket(&self, target: &str) -> Trial {
        self.visit(Visit::socket(target))
    }

    /// Moves the clock; deferred work is done, and everybody hears what there is to hear.
    pub fn advance(&self, by: Duration) -> &Self {
        let mut left = by;
        loop {
            // Viewers answer pings as browsers do, so they must hear them before long.
            let step = left.min(ATTENTION);
            {
                let mut inner = self.inner.borrow_mut();
                inner.reactor.hold_work(false);
                inner.reactor.advance(step).expect("the simulated loop comes to rest");
            }
            self.listen();
            left -= step;
            if left.is_zero() {
                break;
            }
        }
        self.settle();
        self
    }

    /// Lets time pass in which the loop does nothing, as when a callback holds it: all that fell
    /// due meanwhile is late.
    pub fn stall(&self, by: Duration) -> &Self {
        self.inner.borrow().simulation.stall(by);
        self.settle();
        self
    }

    /// Has the network between the server and its viewers be like this from now on.
    ///
    /// ```
    /// # use crampon::prelude::*;
    /// # use crampon::reactor::Weather;
    /// # use crampon::trial::World;
    /// # #[action(transport = sse)]
    /// # struct Clock;
    /// # #[callbacks]
    /// # impl Clock {
    /// #     #[periodic_timer(every = "1s")]
    /// #     fn tick(&mut self, cx: &mut Context<Self>) { cx.render("tick") }
    /// # }
    /// let world = World::new(Routes::new().at("/", || Clock));
    /// world.weather(Weather::ROUGH);
    /// let mut viewer = world.events("/");
    /// world.advance(Duration::from_secs(60));
    /// viewer.expect_render("tick");
    /// ```
    pub fn weather(&self, weather: Weather) -> &Self {
        self.inner.borrow().simulation.set_weather(weather);
        self
    }

    /// Publishes from outside of any action.
    ///
    /// # Panics
    /// When the event cannot be published, or the server has stopped.
    #[track_caller]
    pub fn publish<V>(&self, channel: impl Topic<V>, said: V) -> &Self {
        let server = self.inner.borrow().server.clone();
        if let Err(error) = server.publish(channel, said) {
            panic!("nothing is published: {error}");
        }
        self.settle();
        self
    }

    /// What the server holds now, and what waits in it: after all viewers have left and what they
    /// were given time for is over, it is what it was before they came.
    ///
    /// # Panics
    /// When the server has stopped.
    #[track_caller]
    pub fn gauges(&self) -> Gauges {
        self.settle();
        let mut inner = self.inner.borrow_mut();
        let Inner { reactor, server, .. } = &mut *inner;
        server.gauges(reactor).expect("the server runs")
    }

    /// Stops the server, as a signal does.
    pub fn stop(&self) -> &Self {
        self.drain(Drain::Stopping)
    }

    /// Ends the server in good order, and says why.
    pub fn drain(&self, why: Drain) -> &Self {
        let server = self.inner.borrow().server.clone();
        server.drain(why).expect("the server runs");
        self.settle();
        self
    }

    /// Whether the server has stopped, and nobody is served any more.
    pub fn is_over(&self) -> bool {
        self.inner.borrow().server.stop().is_err()
    }

    /// Lets happen what happens without time passing or deferred work being done.
    pub(super) fn settle(&self) {
        loop {
            {
                let mut inner = self.inner.borrow_mut();
                inner.reactor.hold_work(true);
                inner.reactor.advance(Duration::ZERO).expect("the simulated loop comes to rest");
            }
            if !self.listen() {
                return;
            }
        }
    }

    /// Lets every viewer hear to whom something was said; `true` if one of them said something in
    /// answer.
    fn listen(&self) -> bool {
        let inner = self.inner.borrow();
        let spoken_to = inner.simulation.take_spoken();
        let viewers = spoken_to.filter_map(|id| inner.viewers.get(&id)?.upgrade());
        let viewers: Vec<_> = viewers.collect();
        drop(inner);
        viewers.iter().fold(false, |spoke, viewer| viewer.borrow_mut().listen() | spoke)
    }

    /// Why the actions of a viewer have finished, oldest first.
    pub(super) fn farewells(&self, of: SocketAddr) -> Vec<FinishReason> {
        let inner = self.inner.borrow();
        let farewells = inner.farewells.borrow();
        farewells.iter().filter(|(peer, _)| *peer == Some(of)).map(|(_, why)| *why).collect()
    }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = self.inner.borrow();
        let viewers = inner.viewers.values().filter(|viewer| viewer.strong_count() > 0).count();
        f.debug_struct("World").field("viewers", &viewers).finish_non_exhaustive()
    }
}

/// The chance of every world: trials of the same code go the same way.
const SEED: u64 = 0x0063_7261_6d70_6f6e;

/// How long a viewer may not look: less than any deadline for a pong.
const ATTENTION: Duration = Duration::from_secs(1);
