//! Vacancies: when no file descriptor is left, who has been silent longest gives way to who waits.
//!
//! Else those who connect and say nothing would have all places until their time for a head is
//! over, and those who keep a connection for later until they are idle for too long.

use std::cmp::Reverse;

use crate::figures::Refused;
use crate::reactor::Scope;
use crate::server::connection::{Connection, Phase};
use crate::server::engine::Engine;
use crate::server::time::moment::Moment;

/// Who is to give way in one round of accepting, if somebody has to.
#[derive(Debug, Default)]
pub(crate) struct Vacancies {
    /// The connections that have been silent for too long, the longest last, once they are sought.
    silent: Option<Vec<usize>>,
}

impl Engine {
    /// Ends the connection that has been silent longest; `false` if there is none that may be.
    pub(crate) fn make_room(&mut self, vacancies: &mut Vacancies, scope: &mut Scope<'_>) -> bool {
        if vacancies.silent.is_none() {
            vacancies.silent = Some(self.seek_silent());
        }
        while let Some(key) = vacancies.silent.as_mut().and_then(Vec::pop) {
            // One ended as another was read, and its place may be somebody else's by now.
            if !self.connections.get(key).is_some_and(|connection| self.may_give_way(connection)) {
                continue;
            }
            let source = self.connections[key].source;
            // Its request may be there already, or its end.
            self.read(key, scope);
            match self.connections.get(key) {
                Some(connection) if connection.source != source => return true,
                None => return true,
                Some(connection) if !self.may_give_way(connection) => {}
                Some(_) => {
                    self.surroundings.figures.refused(Refused::GaveWay);
                    self.drop_connection(key, scope);
                    return true;
                }
            }
        }
        false
    }

    /// Those that have been silent longest. All are looked at for that, so not too often.
    fn seek_silent(&mut self) -> Vec<usize> {
        if !self.admission.may_seek_room(self.now) {
            return Vec::new();
        }
        let silent =
            self.connections.iter().filter(|(_, connection)| self.may_give_way(connection));
        let mut silent: Vec<(Reverse<Moment>, usize)> =
            silent.map(|(key, connection)| (Reverse(self.when(connection.since)), key)).collect();
        if silent.len() > GIVE_WAY_MAX {
            let spared = silent.len() - GIVE_WAY_MAX;
            silent.select_nth_unstable(spared);
            silent.drain(..spared);
        }
        silent.sort_unstable();
        silent.into_iter().map(|(_, key)| key).collect()
    }

    /// Whether a connection has had no request for too long, nor anything to be told.
    fn may_give_way(&self, connection: &Connection) -> bool {
        connection.phase == Phase::Head
            && !connection.has_begun_head
            && connection.seat().is_none()
            && connection.outbox.is_empty()
            && self.now - self.when(connection.since) >= self.limits.idle_timeout_when_full
    }
}

/// Connections that give way in one tick: half of the tries to accept there are in it, since each
/// that fails for want of a descriptor is followed by one that does not.
const GIVE_WAY_MAX: usize = 128;
