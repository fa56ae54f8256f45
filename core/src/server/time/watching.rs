//! Watching: each connection is looked at by its next deadline, for which it stands in the
//! calendar. Knows no deadline.

use super::moment::Moment;
use crate::reactor::Scope;
use crate::server::engine::Engine;
use crate::server::seat::TimerKey;

impl Engine {
    /// Sees to it that the connection is looked at by its next deadline.
    pub(crate) fn watch(&mut self, key: usize, scope: &mut Scope<'_>) {
        let Some((at, _)) = self.next_due(key) else { return };
        let at = self.in_patience(at);
        if self.calendar.at(key).is_none_or(|entered| at < entered) {
            self.look_at(key, at, scope);
        }
    }

    /// Has a connection looked at when a moment has come.
    pub(crate) fn look_at(&mut self, key: usize, at: Moment, scope: &mut Scope<'_>) {
        self.calendar.enter(key, at);
        if self.alarm.is_none_or(|(_, set_for)| at < set_for) {
            self.set_alarm(at, scope);
        }
    }

    fn set_alarm(&mut self, at: Moment, scope: &mut Scope<'_>) {
        let timer = scope.after(at - self.now, TimerKey::Alarm.pack());
        if let Some((earlier, _)) = self.alarm.replace((timer, at)) {
            scope.cancel(earlier);
        }
    }

    /// The alarm has gone off: looks at all whose time has come, and sets it for the next.
    pub(crate) fn look_at_due(&mut self, scope: &mut Scope<'_>) {
        self.alarm = None;
        let mut due = std::mem::take(&mut self.looked_at);
        self.calendar.take_due(self.now, &mut due);
        for (entered_for, key) in due.drain(..) {
            // It may have gone as another was looked at.
            if self.connections.contains(key) {
                self.deadline_passed(key, entered_for, scope);
                self.leave_event();
            }
        }
        self.looked_at = due;
        if let Some(nearest) = self.calendar.nearest()
            && self.alarm.is_none_or(|(_, set_for)| nearest < set_for)
        {
            self.set_alarm(nearest, scope);
        }
    }

    /// A connection's time has come: does what is due, and enters it for what is not.
    fn deadline_passed(&mut self, key: usize, entered_for: Moment, scope: &mut Scope<'_>) {
        if self.was_held_since(entered_for) {
            return self.look_at(key, self.in_patience(entered_for), scope);
        }
        let source = self.connections[key].source;
        if let Some((at, due)) = self.next_due(key)
            && at <= self.now
        {
            self.fall_due(key, due, scope);
        }
        if self.connections.get(key).is_some_and(|connection| connection.source == source) {
            self.watch(key, scope);
        }
    }
}
