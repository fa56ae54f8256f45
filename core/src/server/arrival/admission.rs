//! Admission: whether there is room for who comes, in the house and for its address.
//!
//! Who is one too many is not served: nothing is made for it but its place among the connections,
//! and the first bytes it sends are answered 503 or 429. There are only so many such places; beyond
//! them it is told at once and closed, whether it can hear that or not.

use std::collections::HashMap;
use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;

use http::StatusCode;

use super::accept::ACCEPT_PAUSE;
use super::household::Household;
use crate::figures::Refused;
use crate::protocol::http::{self as codec, Framing, Header, Version, encode_response_head};
use crate::reactor::{Scope, Stream};
use crate::server::connection::Phase;
use crate::server::engine::Engine;
use crate::server::limits::Limits;
use crate::server::stop::retry_within;
use crate::server::time::moment::Moment;
use crate::server::time::pace::{Meter, Pace};

/// Who is in the house, by number.
#[derive(Debug)]
pub(crate) struct Admission {
    /// Connections that are open and not to be served.
    excess: usize,
    /// Those that are, of each address that is counted.
    households: HashMap<Household, u32>,
    accept_pace: Option<Pace>,
    accepts: Meter,
    /// Until when the log hears no more of connections that cannot be accepted.
    quiet_until: Option<Moment>,
    /// Until when it is not looked again for who may give way.
    sought_until: Option<Moment>,
}

/// Why a connection is one too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Excess {
    /// As many are open as may be.
    House,
    /// As many are open from its address as may be.
    Address,
}

impl Admission {
    pub fn new(limits: &Limits) -> Self {
        Self {
            excess: 0,
            households: HashMap::new(),
            accept_pace: limits.accepts_per_second_max.map(|rate| Pace::new(rate, rate)),
            accepts: Meter::default(),
            quiet_until: None,
            sought_until: None,
        }
    }

    /// How long the next connection is to wait in the system's queue.
    pub fn wait(&self, now: Moment) -> Duration {
        self.accept_pace.map_or(Duration::ZERO, |pace| pace.wait(self.accepts, now))
    }

    /// Notes that one was accepted.
    pub fn note_accepted(&mut self, now: Moment) {
        if let Some(pace) = self.accept_pace {
            pace.note(&mut self.accepts, now);
        }
    }

    /// Whether to look for who may give way to those who wait: it is done no more often than
    /// accepting is tried again.
    pub fn may_seek_room(&mut self, now: Moment) -> bool {
        let is_time = self.sought_until.is_none_or(|until| until <= now);
        if is_time {
            self.sought_until = now.checked_add(ACCEPT_PAUSE);
        }
        is_time
    }

    /// Whether the log is to hear that nobody can be accepted: it is, once in a while.
    pub fn is_pause_news(&mut self, now: Moment) -> bool {
        let is_news = self.quiet_until.is_none_or(|until| until <= now);
        if is_news {
            self.quiet_until = now.checked_add(PAUSE_TOLD_EVERY);
        }
        is_news
    }
}

impl Engine {
    /// Connections that are served.
    pub(crate) fn served_connections(&self) -> usize {
        self.connections.len() - self.admission.excess
    }

    /// Finds who comes its place, and says why if it has none.
    pub(crate) fn admit(&mut self, remote: Option<SocketAddr>) -> Option<Excess> {
        if self.limits.connections_max.is_some_and(|max| self.served_connections() >= max) {
            return Some(Excess::House);
        }
        let household = self.household(remote)?;
        let count = self.admission.households.get(&household).map_or(0, |count| *count);
        if self.limits.connections_per_address_max.is_some_and(|max| count >= max) {
            return Some(Excess::Address);
        }
        self.admission.households.insert(household, count + 1);
        None
    }

    /// Notes a connection that is open and not to be served; `false` if there are too many of them.
    pub(crate) fn keep_excess(&mut self) -> bool {
        let has_place = self.admission.excess < EXCESS_MAX;
        self.admission.excess += usize::from(has_place);
        has_place
    }

    /// Takes a connection that has ended out of the count.
    pub(crate) fn uncount(&mut self, excess: Option<Excess>, remote: Option<SocketAddr>) {
        if excess.is_some() {
            self.admission.excess -= 1;
            return;
        }
        let Some(household) = self.household(remote) else { return };
        if let Some(count) = self.admission.households.get_mut(&household) {
            *count -= 1;
            if *count == 0 {
                self.admission.households.remove(&household);
            }
        }
    }

    /// Whom a connection counts for; nobody where addresses are not counted, on a Unix socket, and
    /// behind a trusted proxy, which brings many.
    fn household(&self, remote: Option<SocketAddr>) -> Option<Household> {
        self.limits.connections_per_address_max?;
        let remote = remote.filter(|_| !self.proxies.trust(remote))?;
        Some(Household::of(remote.ip()))
    }

    /// One too many has begun to speak: it is answered, unless there is room for it by now.
    pub(crate) fn turns_away(&mut self, key: usize, said: &[u8], scope: &mut Scope<'_>) -> bool {
        let remote = self.connections[key].remote.address();
        let excess = self.admit(remote);
        self.connections[key].excess = excess;
        let Some(excess) = excess else {
            self.admission.excess -= 1;
            return false;
        };
        let lent = self.connections[key].outbox.lent(&mut self.buffers);
        let mut out = std::mem::take(lent);
        self.refuse_entry(excess, said.starts_with(b"HEAD "), &mut out, scope);
        let connection = &mut self.connections[key];
        *connection.outbox.open() = out;
        // What it says more nobody reads; it must not cost it the answer.
        connection.lingers = !said.ends_with(b"\r\n\r\n");
        connection.phase = Phase::Closing;
        self.mark_dirty(key, scope);
        true
    }

    /// Tells one too many at once, for whom there is not even a place to be told later.
    pub(crate) fn turn_away_at_once(
        &mut self,
        mut stream: Stream,
        excess: Excess,
        scope: &mut Scope<'_>,
    ) {
        let mut out = self.buffers.take();
        self.refuse_entry(excess, false, &mut out, scope);
        // Nobody is there to hear of it if this fails.
        drop(stream.write(&out));
        self.buffers.give(out);
    }

    fn refuse_entry(
        &self,
        excess: Excess,
        is_head: bool,
        out: &mut Vec<u8>,
        scope: &mut Scope<'_>,
    ) {
        self.surroundings.figures.refused(excess.reason());
        let retry = retry_within(self.limits.shed_retry_max, scope);
        let seconds = retry.as_millis().div_ceil(1000).max(1);
        let mut digits = [0; DIGITS];
        let mut left = &mut digits[..];
        write!(left, "{seconds}").expect("a `Duration` has at most 20 digits of seconds");
        let digits_len = DIGITS - left.len();
        let digits = Header::new("retry-after", &digits[..digits_len]);
        let retry_after = digits.expect("digits end no line");
        let headers = [Header::of("content-type", "text/plain; charset=utf-8"), retry_after];
        let date = self.surroundings.date();
        let text = excess.text();
        let framing = Framing::Length(text.len() as u64);
        let (status, close) = (excess.status(), codec::Connection::Close);
        encode_response_head(out, status, headers, framing, close, Version::Http11, Some(&date));
        if !is_head {
            out.extend_from_slice(text.as_bytes());
        }
    }
}

impl Excess {
    fn reason(self) -> Refused {
        match self {
            Self::House => Refused::ConnectionTooMany,
            Self::Address => Refused::AddressTooBusy,
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::House => StatusCode::SERVICE_UNAVAILABLE,
            Self::Address => StatusCode::TOO_MANY_REQUESTS,
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::House => "too many connections are open; come back later\n",
            Self::Address => "too many connections are open from this address; come back later\n",
        }
    }
}

/// Connections that may be open only to be told that they are too many.
///
/// 1,024: a kilobyte each, and a browser is told within one round trip, so that is some ten
/// thousand a second.
const EXCESS_MAX: usize = 1024;

/// How often the log is told that nobody can be accepted, as of all else that goes on for long.
const PAUSE_TOLD_EVERY: Duration = Duration::from_secs(1);

/// Digits of the longest time there is.
const DIGITS: usize = 20;
