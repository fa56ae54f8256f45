//! The server: the one place where sockets, protocols and actions meet.

mod accept;
mod accept_fault;
mod access;
mod banner;
mod budget;
mod buffers;
mod catching_up;
mod connection;
mod deadlines;
mod delivery;
mod development;
mod effects;
mod ending;
mod engine;
mod error;
mod exchange;
mod farewell;
mod hub;
mod inbound;
mod joining;
mod ledger;
mod limits;
mod line;
mod log;
mod measuring;
mod moment;
mod outbound;
mod outbox;
mod patience;
mod presence;
mod process;
mod reply;
mod running;
mod seat;
mod shedding;
mod slow_reader;
mod socket;
mod stop;
mod wall_clock;

pub use error::Error;
pub use limits::Limits;
pub use running::Running;

use std::fmt;
use std::net::{SocketAddr, ToSocketAddrs};

use crate::action::{Declaration, Desk, Role, Service, Session};
use crate::reactor::{Listener, Reactor};
use crate::routes::Routes;
use crate::transport::Wire;
pub(crate) use engine::Farewells;
use engine::{Engine, Parts, Starter};

/// A server about to serve: an address, services, limits.
///
/// ```no_run
/// use crampon::prelude::*;
///
/// #[action(transport = regular)]
/// struct Hello;
///
/// #[callbacks]
/// impl Hello {
///     #[on_start]
///     fn greet(&mut self, cx: &mut Context<Self>) {
///         cx.render("Hello World!");
///         cx.finish();
///     }
/// }
///
/// fn main() -> crampon::Result<()> {
///     Server::bind("127.0.0.1:3000")?.serve(Routes::new().at("/", || Hello))
/// }
/// ```
#[must_use = "a server serves nothing before `serve` or `attach`"]
pub struct Server {
    listener: Listener,
    limits: Limits,
    is_development: bool,
    farewells: Option<Farewells>,
    services: Vec<Starter>,
}

impl Server {
    /// Listens on an address; connections wait in the backlog until the server serves.
    ///
    /// # Errors
    /// When the address is none, is in use, or may not be listened on; the error names it.
    pub fn bind(address: impl ToSocketAddrs + fmt::Display) -> crate::Result<Self> {
        let name = address.to_string();
        let addresses = address.to_socket_addrs().map_err(|error| Error::address(&name, error))?;
        let mut failure = None;
        for address in addresses {
            match Listener::bind(address) {
                Ok(listener) => return Ok(Self::on(listener)),
                Err(error) => failure = Some(error),
            }
        }
        let nothing = || std::io::Error::other("the name stands for no address");
        Err(Error::address(&name, failure.unwrap_or_else(nothing)))
    }

    /// Serves on a listener made elsewhere: a Unix socket, an inherited one, a simulated one.
    pub fn on(listener: Listener) -> Self {
        let environment = std::env::var("CRAMPON_ENV");
        Self {
            listener,
            limits: Limits::default(),
            is_development: environment.is_ok_and(|name| name == "development"),
            farewells: None,
            services: Vec::new(),
        }
    }

    /// Has the engine write down who finished and why, for trials.
    pub(crate) fn recording_farewells(self, farewells: Farewells) -> Self {
        Self { farewells: Some(farewells), ..self }
    }

    /// The address it listens on: with port 0 asked for, the one it was given.
    ///
    /// # Errors
    /// The system's; and on a Unix socket, which has none.
    pub fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Sets limits.
    pub fn limits(mut self, set: impl FnOnce(&mut Limits)) -> Self {
        set(&mut self.limits);
        self
    }

    /// Whether errors are shown to clients with their cause; without this call it is so when the
    /// environment variable `CRAMPON_ENV` is `development`.
    pub fn development(mut self, is_development: bool) -> Self {
        self.is_development = is_development;
        self
    }

    /// Starts a service with the server; it ends after the last action.
    pub fn service<S: Service>(mut self, service: S) -> Self {
        self.services.push(Box::new(|surroundings| {
            let declaration =
                const { &Declaration { name: S::NAME, transports: &[], ..Declaration::DEFAULT } };
            let desk = Desk::new(surroundings, declaration, None, Wire::none());
            Box::new(Session::new(service, desk, Role::Service))
        }));
        self
    }

    /// Serves until SIGINT or SIGTERM, then ends every stream its transport's way and returns.
    ///
    /// Being the whole process, it also raises the file-descriptor limit as far as it may, and
    /// has `tracing` write to standard error if nobody else has set it up.
    ///
    /// # Errors
    /// When routes conflict, or the system refuses what a loop needs.
    pub fn serve(self, routes: Routes) -> crate::Result<()> {
        log::install();
        let descriptors = process::raise_descriptor_limit();
        let signals = process::signals()?;
        let routes = routes.build()?;
        let address = self.listener.local_addr().ok();
        banner::print(address, &routes, &self.limits, descriptors, self.is_development);
        let mut reactor = Reactor::new()?;
        let parts = self.into_parts(routes, Some(signals));
        reactor.add(|scope| Engine::new(parts, scope))?;
        Ok(reactor.run()?)
    }

    /// Serves on a loop of the caller's, beside whatever else runs on it. Signals, descriptor
    /// limits and the log stay the caller's business.
    ///
    /// # Errors
    /// When routes conflict, or the listener cannot be registered.
    pub fn attach(self, reactor: &mut Reactor, routes: Routes) -> crate::Result<Running> {
        let routes = routes.build()?;
        let address = self.listener.local_addr().ok();
        let event_bytes_max = self.limits.event_bytes_max;
        let parts = self.into_parts(routes, None);
        let handle = reactor.add(|scope| Engine::new(parts, scope))?;
        Ok(Running::new(handle, address, event_bytes_max))
    }

    fn into_parts(
        self,
        routes: crate::routes::RouteTable,
        signals: Option<signal_hook_mio::v1_0::Signals>,
    ) -> Parts {
        let Self { listener, limits, is_development, farewells, services } = self;
        Parts { listener, routes, limits, is_development, farewells, signals, services }
    }
}
