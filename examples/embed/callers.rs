//! A service of text lines over TCP: one handler, a listener and many streams.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::rc::Rc;

use crampon::reactor::{Handler, Interest, Listener, Readiness, Scope};

use crate::caller::Caller;
use crate::counts::{Counts, raise};

/// The key of the listener; callers have those after it.
const LISTENER: usize = 0;

/// Answers whoever calls, line by line.
pub struct Callers {
    listener: Listener,
    callers: BTreeMap<usize, Caller>,
    last_key: usize,
    counts: Rc<Counts>,
}

impl Callers {
    /// Takes the listener to the loop.
    pub fn new(
        mut listener: Listener,
        counts: Rc<Counts>,
        scope: &mut Scope<'_>,
    ) -> io::Result<Self> {
        scope.register(&mut listener, LISTENER, Interest::READABLE)?;
        Ok(Self { listener, callers: BTreeMap::new(), last_key: LISTENER, counts })
    }

    /// Says a line to everyone.
    pub fn announce(&mut self, line: &str, scope: &mut Scope<'_>) {
        raise(&self.counts.announcements);
        for caller in self.callers.values_mut() {
            caller.say(line);
        }
        let everyone: Vec<usize> = self.callers.keys().copied().collect();
        for key in everyone {
            self.attend(key, scope);
        }
    }

    fn admit(&mut self, scope: &mut Scope<'_>) -> io::Result<()> {
        loop {
            let (mut stream, _) = self.listener.accept()?;
            self.last_key += 1;
            let both = Interest::READABLE | Interest::WRITABLE;
            let source = scope.register(&mut stream, self.last_key, both)?;
            self.callers.insert(self.last_key, Caller::new(stream, source));
        }
    }

    /// Hears a caller out, answers, and hangs up when all is said.
    fn attend(&mut self, key: usize, scope: &mut Scope<'_>) {
        let Some(caller) = self.callers.get_mut(&key) else { return };
        if !matches!(caller.converse(&self.counts, scope), Ok(true)) {
            scope.release(caller.source());
            self.callers.remove(&key);
        }
    }
}

impl Handler for Callers {
    fn ready(&mut self, event: Readiness, scope: &mut Scope<'_>) {
        if event.key != LISTENER {
            return self.attend(event.key, scope);
        }
        match self.admit(scope) {
            Err(error) if error.kind() != ErrorKind::WouldBlock => eprintln!("no caller: {error}"),
            _ => {}
        }
    }
}
