//! The server: the one place where sockets, protocols and actions meet.

mod arrival;
mod audit;
mod channels;
mod connection;
mod engine;
mod error;
mod limits;
mod measuring;
mod place;
mod process;
mod refusals;
mod request;
mod running;
mod seat;
mod stop;
mod time;

pub use arrival::proxies::ProxyHeaders;
#[doc(hidden)]
pub use error::Error;
pub use limits::{Limits, TooFast};
pub use running::Running;

use std::fmt;
use std::net::{SocketAddr, ToSocketAddrs};

use signal_hook_mio::v1_0::Signals;

use crate::action::{Cors, Declaration, Desk, Home, Origins, Role, Service, Session};
use crate::reactor::{Listener, Reactor, Settings};
use crate::routes::{RouteTable, Routes};
use crate::transport::{Sheet, Wire};
use arrival::proxies::Proxies;
pub(crate) use engine::Farewells;
use engine::{Engine, Parts, Starter};
use process::supervisor::Supervisor;
use process::{banner, log};

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
    settings: Settings,
    limits: Limits,
    origins: Origins,
    cors: Option<Cors>,
    proxies: Vec<String>,
    proxy_headers: ProxyHeaders,
    is_development: bool,
    farewells: Option<Farewells>,
    services: Vec<Starter>,
    on_start: Vec<Box<dyn FnOnce(Running)>>,
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

    /// Serves on the listener that who started the process hands over, as systemd does for a
    /// `.socket` unit, else listens on an address: the same program runs by itself and activated.
    ///
    /// A connection then waits in the listener while one process takes the place of another, and
    /// none is refused. Of several listeners it takes the first;
    /// [`Listener::inherited`] gives them all. A parent hands one over as descriptor 3 with
    /// `LISTEN_FDS=1` in the environment.
    ///
    /// # Errors
    /// When what is handed over does not listen; else as [`bind`](Self::bind).
    pub fn inherited_or(address: impl ToSocketAddrs + fmt::Display) -> crate::Result<Self> {
        match Listener::inherited()?.into_iter().next() {
            Some((_, listener)) => Ok(Self::on(listener)),
            None => Self::bind(address),
        }
    }

    /// Serves on a listener made elsewhere: a Unix socket, an inherited one, a simulated one.
    pub fn on(listener: Listener) -> Self {
        let environment = std::env::var("CRAMPON_ENV");
        Self {
            listener,
            settings: Settings::default(),
            limits: Limits::default(),
            origins: Origins::Own,
            cors: None,
            proxies: Vec::new(),
            proxy_headers: ProxyHeaders::Either,
            is_development: environment.is_ok_and(|name| name == "development"),
            farewells: None,
            services: Vec::new(),
            on_start: Vec::new(),
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

    /// Sets what the loop works within that [`serve`](Self::serve) makes: threads for
    /// [`defer`](crate::action::Context::defer), and how much may wait for them. A loop of one's
    /// own has its own.
    pub fn settings(mut self, set: impl FnOnce(&mut Settings)) -> Self {
        set(&mut self.settings);
        self
    }

    /// Sets limits.
    pub fn limits(mut self, set: impl FnOnce(&mut Limits)) -> Self {
        set(&mut self.limits);
        self
    }

    /// The pages that may speak to actions which do not say themselves: this server's own, unless
    /// it is called. A list that names no origin is an error when the server starts.
    ///
    /// ```no_run
    /// # use crampon::prelude::*;
    /// # fn main() -> crampon::Result<()> {
    /// let server = Server::bind("127.0.0.1:3000")?
    ///     .origins(["https://app.example", "https://*.example.org"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn origins(mut self, origins: impl Into<Origins>) -> Self {
        self.origins = origins.into();
        self
    }

    /// The pages of other origins whose scripts may read what is answered by files, and by actions
    /// which do not say themselves: none, unless it is called.
    pub fn cors(mut self, cors: Cors) -> Self {
        self.cors = Some(cors);
        self
    }

    /// The proxies that are believed when they tell who asks, by which scheme and for which host,
    /// in `Forwarded` or in `X-Forwarded-For`, `-Proto` and `-Host`: addresses, networks, and
    /// `unix` for whoever connects to a Unix socket. From all others these headers mean nothing.
    ///
    /// Then [`remote_addr`](crate::action::Context::remote_addr) is the client's, the log has it,
    /// and a page is this server's own if it is one of the host its viewer asked the proxy for.
    ///
    /// A proxy has to write its headers over what a client sent, or add to it at the right; what it
    /// lets through is believed too. What is no address is an error when the server starts.
    ///
    /// ```no_run
    /// # use crampon::prelude::*;
    /// # fn main() -> crampon::Result<()> {
    /// let server = Server::bind("127.0.0.1:3000")?
    ///     .trust_proxies(["127.0.0.1", "::1", "10.0.0.0/8"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn trust_proxies<P: Into<String>>(mut self, proxies: impl IntoIterator<Item = P>) -> Self {
        self.proxies = proxies.into_iter().map(Into::into).collect();
        self
    }

    /// By which headers the trusted proxies tell; without this call by either kind, and a request
    /// that has both is answered 400, for one of them is not the proxy's.
    pub fn proxy_headers(mut self, headers: ProxyHeaders) -> Self {
        self.proxy_headers = headers;
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
            let home = Home::of(declaration, &surroundings);
            let desk = Desk::new(home, None, Wire::none(), Sheet::default());
            Box::new(Session::new(service, desk, Role::Service))
        }));
        self
    }

    /// Hands `told` the running server before it serves the first request: to publish and to
    /// drain it from any thread.
    ///
    /// ```no_run
    /// # use crampon::prelude::*;
    /// # fn main() -> crampon::Result<()> {
    /// Server::bind("127.0.0.1:3000")?
    ///     .on_start(|server| {
    ///         std::thread::spawn(move || {
    ///             for line in std::io::stdin().lines().map_while(Result::ok) {
    ///                 server.publish("lines", line)?;
    ///             }
    ///             server.drain(Drain::Stopping)
    ///         });
    ///     })
    ///     .serve(Routes::new())
    /// # }
    /// ```
    pub fn on_start(mut self, told: impl FnOnce(Running) + 'static) -> Self {
        self.on_start.push(Box::new(told));
        self
    }

    /// Serves until SIGINT, SIGTERM or a [drain](Running::drain), then ends every stream its
    /// transport's way and returns; a second signal ends it at once.
    ///
    /// Being the whole process, it also raises the file-descriptor limit as far as it may, and
    /// has `tracing` write to standard error if nobody else has set it up; lines that standard
    /// error does not take at once are lost and counted, and the panic hook is not called then. A
    /// supervisor that
    /// `NOTIFY_SOCKET` names is told `READY=1` and `STOPPING=1`, and if it has set
    /// `WATCHDOG_USEC`, twice in that time `WATCHDOG=1` by the loop itself.
    ///
    /// # Errors
    /// When routes conflict, or the system refuses what a loop needs.
    pub fn serve(self, routes: Routes) -> crate::Result<()> {
        log::install();
        log::tell_panics_while_it_is_read();
        let descriptors = process::raise_descriptor_limit();
        let signals = process::signals()?;
        let routes = routes.build()?;
        let address = self.listener.local_addr().ok();
        banner::print(address, &routes, &self.limits, descriptors, self.is_development);
        let mut reactor = Reactor::with_settings(self.settings.clone())?;
        let supervisor = Supervisor::from_environment();
        self.start(&mut reactor, routes, Some(signals), supervisor)?;
        Ok(reactor.run()?)
    }

    /// Serves on a loop of the caller's, beside whatever else runs on it. Signals, descriptor
    /// limits and the log stay the caller's business.
    ///
    /// # Errors
    /// When routes conflict, or the listener cannot be registered.
    pub fn attach(self, reactor: &mut Reactor, routes: Routes) -> crate::Result<Running> {
        self.start(reactor, routes.build()?, None, None)
    }

    fn start(
        self,
        reactor: &mut Reactor,
        routes: RouteTable,
        signals: Option<Signals>,
        supervisor: Option<Supervisor>,
    ) -> crate::Result<Running> {
        let Self { listener, limits, is_development, farewells, services, on_start, .. } = self;
        let Self { origins, cors, proxies, proxy_headers, .. } = self;
        origins.check().map_err(|(pattern, fault)| Error::Setting(fault.explain(pattern)))?;
        if let Some(cors) = &cors {
            cors.check().map_err(Error::Setting)?;
        }
        let proxies = Proxies::new(proxies, proxy_headers).map_err(Error::Setting)?;
        let address = listener.local_addr().ok();
        let parts = Parts {
            listener,
            routes,
            limits: limits.clone(),
            origins,
            cors,
            proxies,
            is_development,
            farewells,
            signals,
            supervisor,
            services,
        };
        let handle = reactor.add(|scope| Engine::new(parts, scope))?;
        let running = Running::new(handle, address, &limits);
        for told in on_start {
            told(running.clone());
        }
        Ok(running)
    }
}
