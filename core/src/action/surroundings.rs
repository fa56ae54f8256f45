//! What every context on a loop shares: the time of the tick, and the call under way.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use super::Place;
use super::effect::Effect;

/// Shared by all sessions of one server; read through `Context`, written by the server's tick.
pub(crate) struct Surroundings {
    /// When the tick began.
    pub now: Cell<Instant>,
    /// The same moment as an HTTP date (RFC 9110, section 5.6.7), 29 characters.
    pub date: Cell<[u8; DATE_LEN]>,
    /// The callback called last, for the one who finds that it took too long.
    pub last_call: Cell<Option<Call>>,
    /// Asked for by the session that is called, and not yet applied by the host.
    pub effects: RefCell<Vec<Effect>>,
    /// When the real clock was last looked at.
    pub looked: Cell<Instant>,
    /// A callback that holds the loop longer is named in the log; `None` asks for no such warning.
    pub slow_callback: Option<Duration>,
}

/// Characters of an HTTP date: `Sun, 06 Nov 1994 08:49:37 GMT`.
pub(crate) const DATE_LEN: usize = 29;

/// One callback of one action.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    pub action: &'static str,
    pub callback: &'static str,
    pub place: Place,
}

impl Surroundings {
    /// Warns if the last call held the loop longer than a callback may.
    ///
    /// One reading of the clock is the end of this call and the beginning of the next.
    pub fn look_at_clock(&self) {
        let Some(limit) = self.slow_callback else { return };
        let now = Instant::now();
        let took = now.saturating_duration_since(self.looked.replace(now));
        if let Some(call) = self.last_call.take()
            && took > limit
        {
            tracing::warn!(
                action = call.action,
                callback = call.callback,
                at = %call.place,
                took_ms = took.as_millis() as u64,
                "a callback held the loop; move long work into `cx.defer`"
            );
        }
    }
}
