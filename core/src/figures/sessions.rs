//! Sessions: how many of each action are open on each transport, and how the others ended.

use super::ranked::{Ranked, is_same};

/// The sessions of actions, by the names of action and transport.
#[derive(Debug, Default)]
pub(crate) struct Sessions(Ranked<Tally>);

/// The sessions of one action on one transport.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tally {
    pub action: &'static str,
    pub transport: &'static str,
    /// How many are open.
    pub open: u64,
    /// How many ended for each reason there was.
    pub ended: Vec<(&'static str, u64)>,
}

impl Sessions {
    /// Notes that one has begun.
    pub fn began(&self, action: &'static str, transport: &'static str) {
        self.with(action, transport, |tally| tally.open += 1);
    }

    /// Notes that one has ended, and why.
    pub fn ended(&self, action: &'static str, transport: &'static str, reason: &'static str) {
        self.with(action, transport, |tally| {
            tally.open -= 1;
            tally.end(reason);
        });
    }

    /// Notes one that ended as it began.
    pub fn passed(&self, action: &'static str, transport: &'static str, reason: &'static str) {
        self.with(action, transport, |tally| tally.end(reason));
    }

    fn with(&self, action: &'static str, transport: &'static str, change: impl FnOnce(&mut Tally)) {
        self.0.change(
            |it| is_same(it.action, action) && is_same(it.transport, transport),
            || Tally { action, transport, open: 0, ended: Vec::new() },
            change,
        );
    }

    /// All tallies, in the order of their names.
    pub fn by_name(&self) -> Vec<Tally> {
        let mut tallies = self.0.all();
        tallies.sort_by_key(|tally| (tally.action, tally.transport));
        tallies
    }
}

impl Tally {
    fn end(&mut self, reason: &'static str) {
        match self.ended.iter_mut().find(|(known, _)| is_same(known, reason)) {
            Some((_, count)) => *count += 1,
            None => self.ended.push((reason, 1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_are_counted_by_action_and_transport_and_how_they_ended() {
        let sessions = Sessions::default();
        for transport in ["sse", "websocket", "sse", "sse"] {
            sessions.began("Chat", transport);
        }
        sessions.ended("Chat", "sse", "finished");
        sessions.passed("Chat", "sse", "finished");
        sessions.ended("Chat", "sse", "failed");
        let tally = |transport, open, ended: &[_]| Tally {
            action: "Chat",
            transport,
            open,
            ended: ended.to_vec(),
        };
        assert_eq!(
            sessions.by_name(),
            [tally("sse", 1, &[("finished", 2), ("failed", 1)]), tally("websocket", 1, &[])]
        );
    }
}
