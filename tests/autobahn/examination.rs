//! The course of an examination: a connection to count the cases, one for each, one for the report.

use std::io;
use std::net::SocketAddr;

use crampon::protocol::websocket::Event;
use crampon::reactor::{Handler, Readiness, Scope};

use crate::socket::Socket;

/// An examination under way: it has one connection at a time, and stops the loop at its end.
pub struct Examination {
    address: SocketAddr,
    agent: String,
    stage: Stage,
    socket: Socket,
    cases: u32,
    failure: Option<io::Error>,
}

/// What the connection is for.
#[derive(Clone, Copy)]
enum Stage {
    /// The suite says how many cases it has, and closes.
    Counting,
    /// The suite says what it likes, we say it back, and it closes.
    Case(u32),
    /// The suite writes its report, and closes.
    Reporting,
}

impl Examination {
    /// Connects for the first time.
    ///
    /// # Errors
    /// What the system says, for instance that no descriptor is left.
    pub fn begin(address: SocketAddr, agent: &str, scope: &mut Scope<'_>) -> io::Result<Self> {
        let (stage, agent) = (Stage::Counting, agent.to_owned());
        let socket = Socket::open(address, &stage.target(&agent), scope)?;
        Ok(Self { address, agent, stage, socket, cases: 0, failure: None })
    }

    /// How many cases there were, once the loop has stopped.
    ///
    /// # Errors
    /// What broke the examination off: that nobody listens, or that it is no WebSocket suite.
    pub fn result(&mut self) -> io::Result<u32> {
        self.failure.take().map_or(Ok(self.cases), Err)
    }

    /// Takes what the suite says on the connection there is; `false` when it has ended that.
    fn attend(&mut self, scope: &mut Scope<'_>) -> io::Result<bool> {
        let Self { stage, socket, cases, .. } = self;
        socket.converse(scope, |said| match (*stage, said) {
            (Stage::Counting, Event::Text(count)) => {
                *cases = count.parse().unwrap_or(0);
                None
            }
            (Stage::Case(_), said) => Some(said),
            _ => None,
        })
    }

    /// Opens the next connection; `false` if the last one was the last.
    fn go_on(&mut self, scope: &mut Scope<'_>) -> io::Result<bool> {
        self.stage = match self.stage {
            Stage::Counting if self.cases > 0 => Stage::Case(1),
            Stage::Counting => return Err(io::Error::other("the suite names no cases")),
            Stage::Case(last) if last == self.cases => Stage::Reporting,
            Stage::Case(number) => Stage::Case(number + 1),
            Stage::Reporting => return Ok(false),
        };
        self.socket = Socket::open(self.address, &self.stage.target(&self.agent), scope)?;
        Ok(true)
    }
}

impl Handler for Examination {
    fn ready(&mut self, event: Readiness, scope: &mut Scope<'_>) {
        if event.source != self.socket.source() {
            return;
        }
        let is_going_on = match self.attend(scope) {
            Ok(true) => return,
            Ok(false) => {
                scope.release(self.socket.source());
                self.go_on(scope)
            }
            Err(error) => Err(error),
        };
        match is_going_on {
            Ok(true) => {}
            Ok(false) => scope.stop(),
            Err(error) => {
                self.failure = Some(error);
                scope.stop();
            }
        }
    }
}

impl Stage {
    /// What the suite is asked for.
    fn target(self, agent: &str) -> String {
        match self {
            Self::Counting => "/getCaseCount".to_owned(),
            Self::Case(number) => format!("/runCase?case={number}&agent={agent}"),
            Self::Reporting => format!("/updateReports?agent={agent}"),
        }
    }
}
