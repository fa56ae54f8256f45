//! Delivery: what was published reaches its subscribers, once a tick.

use smallvec::SmallVec;

use super::hub::{Publication, Round};
use super::parcel::{Handed, Parcels};
use super::taker::Taker;
use crate::action::Publishing;
use crate::reactor::Scope;
use crate::server::connection::outbox::Outbox;
use crate::server::engine::Engine;
use crate::server::place::Place;
use crate::server::seat::Seat;
use crate::transport::Form;

impl Engine {
    /// Publishes on behalf of somebody outside the loop.
    pub(crate) fn publish_from_outside(&mut self, publishing: Publishing, scope: &mut Scope<'_>) {
        self.enter(scope);
        self.publish(publishing, scope);
    }

    /// Publishes; it is delivered when the tick settles.
    pub(crate) fn publish(&mut self, publishing: Publishing, scope: &mut Scope<'_>) {
        if publishing.rules.is_some_and(|rules| rules.keeps_history()) {
            self.watch_past(scope);
        }
        self.surroundings.figures.published.add(1);
        self.hub.publish(publishing, self.now);
        self.settle_again(scope);
    }

    /// Delivers all that was published until now, subscriber by subscriber, so that each one's
    /// share goes out in one write.
    pub(crate) fn deliver(&mut self, scope: &mut Scope<'_>) {
        let mut round = std::mem::take(&mut self.round);
        let mut due = std::mem::take(&mut self.due);
        self.begin_count();
        self.hub.begin_round(&mut round);
        for at in 0..round.channels.len() {
            self.deliver_on(round.channels[at], &round, &mut due, scope);
        }
        self.hub.end_round(&mut round);
        self.round = round;
        self.due = due;
        if self.hub.has_pending() {
            // Published while this was delivered.
            scope.again();
        }
    }

    /// Delivers to the members of one channel, a row of them at a time.
    ///
    /// What is known of a member lies here and there, and after a write of the one before it little
    /// of that is at hand. So a row is looked at together, for all of that to be fetched together,
    /// and then written to. What was seen holds until something else happens than a write.
    fn deliver_on(
        &mut self,
        channel: usize,
        round: &Round,
        due: &mut Vec<u32>,
        scope: &mut Scope<'_>,
    ) {
        let mut parcels = Parcels::new();
        let (mut next, mut ahead) = (0, ROW);
        loop {
            let mut row: SmallVec<[(usize, usize, Option<Taker>); ROW]> = SmallVec::new();
            let mut index = next;
            while row.len() < ahead
                && let Some(member) = self.hub.member(channel, index)
            {
                index += 1;
                if let Some((seat, hears_all)) = member {
                    row.push((index, seat, self.taker(seat, channel, hears_all)));
                }
            }
            if row.is_empty() {
                return self.unpack(parcels);
            }
            next = index;
            ahead = ROW;
            for (behind, seat, taker) in &row {
                let handed = taker.as_ref().map_or(Handed::Refused, |taker| {
                    self.hand_parcel(*seat, taker, (channel, round), &mut parcels, scope)
                });
                if handed == Handed::Refused {
                    self.deliver_to(*seat, round, due, scope);
                    // Those who follow may be like it.
                    ahead = 1;
                }
                if handed != Handed::Quietly {
                    next = *behind;
                    break;
                }
            }
        }
    }

    /// Counts the round, so that nobody is delivered to twice in it.
    fn begin_count(&mut self) {
        self.round_count = self.round_count.checked_add(1).unwrap_or_else(|| {
            // The counts start over, and so does who has one.
            self.seats.iter_mut().for_each(|(_, seat)| seat.round = 0);
            1
        });
    }

    /// Delivers its share of the round to one subscriber, of all its channels in order; to one who
    /// is behind, by putting it in its line.
    fn deliver_to(&mut self, key: usize, round: &Round, due: &mut Vec<u32>, scope: &mut Scope<'_>) {
        let seat = &mut self.seats[key];
        if std::mem::replace(&mut seat.round, self.round_count) == self.round_count {
            return;
        }
        let desk = seat.session.peek();
        if desk.is_finished() {
            return;
        }
        let form = desk.wire.form().filter(|_| !seat.session.hears());
        self.hub.due(round, &seat.memberships, due);
        let said = match (form, seat.connection()) {
            _ if due.is_empty() => return,
            _ if self.is_behind(key) => 0,
            (Some(form), Some(_)) => self.pass_on(key, form, round, due, scope),
            _ => self.say_each(key, round, due, scope),
        };
        if said < due.len() && self.seats[key].session.peek().is_finished() {
            return;
        }
        if said < due.len() {
            self.put_in_line(key, round, &due[said..], scope);
        }
        if let Some(connection) = self.seats[key].connection() {
            self.flush(connection, scope);
        }
    }

    /// Says messages of the round one by one, and how many, until there is no going on.
    fn say_each(
        &mut self,
        seat: usize,
        round: &Round,
        due: &[u32],
        scope: &mut Scope<'_>,
    ) -> usize {
        for (said, at) in due.iter().enumerate() {
            let publication = &round.log[*at as usize];
            if self.is_behind(seat) {
                return said;
            }
            if self.hub.hears(publication, &self.seats[seat].memberships) {
                self.say(seat, publication, false, scope);
                self.flush_early(seat, scope);
            }
        }
        self.leave_event();
        due.len()
    }

    /// Lets a session that has rendered more than an outbox may hold write before it hears more,
    /// so that a reader who takes nothing overflows however much is published in one tick.
    fn flush_early(&mut self, key: usize, scope: &mut Scope<'_>) {
        let Seat { session, connection, .. } = &self.seats[key];
        if let Some(connection) = connection.map(Place::key)
            && session.peek().out.len() > self.outbox_bytes_max(connection)
        {
            self.flush(connection, scope);
        }
    }

    /// Adds shared encodings to the outbox of a seat's connection, and says of how many messages,
    /// until there is no more room in it.
    fn pass_on(
        &mut self,
        seat: usize,
        form: Form,
        round: &Round,
        due: &[u32],
        scope: &mut Scope<'_>,
    ) -> usize {
        let Seat { connection: Some(key), session, .. } = &self.seats[seat] else { return 0 };
        let desk = session.peek();
        let (key, has_cursors, deflates) = (key.key(), desk.has_cursors, desk.wire.deflates());
        // What was rendered this tick goes before what was published.
        self.collect(key);
        let bytes_max = self.outbox_bytes_max(key);
        for (said, at) in due.iter().enumerate() {
            let publication = &round.log[*at as usize];
            if has_cursors && !publication.message.has_cursor {
                self.say(seat, publication, false, scope);
                if self.seats[seat].connection() != Some(key) {
                    // Too many had something to write, so it wrote, and found its peer gone.
                    return said + 1;
                }
            } else if deflates {
                self.push_encoded(seat, key, publication, form);
            } else {
                self.push_plain(key, publication, form);
            }
            if self.connections[key].outbox.len() > bytes_max {
                self.flush(key, scope);
                if !self.connections.get(key).is_some_and(|connection| connection.is_writable) {
                    return said + 1;
                }
            }
        }
        due.len()
    }

    /// Adds one encoding that all share to a connection's outbox: most fan-out is this.
    fn push_plain(&mut self, key: usize, publication: &Publication, form: Form) {
        let Some(bytes) = publication.encoded(form) else { return };
        self.surroundings.figures.shared.add(1);
        self.lent_outbox(key).push_shared(bytes);
    }

    /// The same for any wire: compressed, if that was agreed.
    pub(crate) fn push_encoded(
        &mut self,
        seat: usize,
        key: usize,
        publication: &Publication,
        form: Form,
    ) {
        let Some(plain) = publication.encoded(form) else { return };
        self.lent_outbox(key);
        if let Some(bytes) = self.encoding_for(seat, key, publication, (form, plain)) {
            self.connections[key].outbox.push_shared(&bytes);
        }
    }

    /// A connection's outbox, with a buffer to gather bytes in.
    #[inline]
    fn lent_outbox(&mut self, key: usize) -> &mut Outbox {
        let outbox = &mut self.connections[key].outbox;
        outbox.lent(&mut self.buffers);
        outbox
    }
}

/// Members that are looked at together.
///
/// 16: twice what a processor has under way, and what is fetched for them stays at hand.
const ROW: usize = 16;
