//! Signals as a source of the loop: any source of mio can be one.

use std::io;

use crampon::reactor::{Handler, Interest, Readiness, Scope};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook_mio::v1_0::Signals;

/// Calls once when the process is asked to end, and leaves.
pub struct Interrupt<F> {
    signals: Signals,
    call: F,
}

impl<F: FnMut() + 'static> Interrupt<F> {
    /// Listens for SIGINT and SIGTERM.
    pub fn new(scope: &mut Scope<'_>, call: F) -> io::Result<Self> {
        let mut signals = Signals::new([SIGINT, SIGTERM])?;
        scope.register(&mut signals, 0, Interest::READABLE)?;
        Ok(Self { signals, call })
    }
}

impl<F: FnMut() + 'static> Handler for Interrupt<F> {
    fn ready(&mut self, _: Readiness, scope: &mut Scope<'_>) {
        if self.signals.pending().next().is_some() {
            (self.call)();
            scope.remove();
        }
    }
}
