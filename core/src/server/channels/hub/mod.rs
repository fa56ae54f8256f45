//! The hub: a server's channels, their past, and what was published on them this tick.
//!
//! Publications of all channels make one log with one sequence of offsets. A channel is a filter
//! over it that keeps a past of its own. A member hears what comes after the offset it stands at,
//! so one made in mid-tick misses what was said before it.

mod cursor;
mod past;
mod publication;
mod reading;
mod round;
mod thrift;

use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use super::ledger::Ledger;
use crate::action::{Overflow, Publishing, Rules, Subscription};
use crate::server::place::Place;
use crate::server::seat::few::Few;
use crate::server::time::moment::Moment;
pub(crate) use cursor::Epoch;
use past::Past;
pub(crate) use publication::Publication;
pub(crate) use reading::Resume;
pub(crate) use round::Round;
use slab::Slab;

/// The channels of one server.
pub(crate) struct Hub {
    by_name: HashMap<Rc<str>, usize>,
    /// The presences of channels, by the name of the channel. They are apart, so that whatever an
    /// application calls a channel, it is not another's presence.
    presences: HashMap<Rc<str>, usize>,
    channels: Slab<Channel>,
    /// Published and not yet delivered, in order.
    log: Vec<Rc<Publication>>,
    /// The channels that have publications in the log.
    touched: Vec<usize>,
    /// A round is under way: not all who hear its publications have heard them.
    pub is_delivering: bool,
    /// The offset of the next publication.
    next_offset: u64,
    epoch: Epoch,
    /// The last offset of the channels that were forgotten: who comes back with a cursor before
    /// it to a channel opened anew may have missed something.
    forgotten_through: u64,
    /// How long a channel with a past is kept when nobody uses it, unless it says so itself.
    idle_timeout: Duration,
    ledger: Ledger,
}

struct Channel {
    name: Rc<str>,
    /// `None` as long as it was only named.
    rules: Option<Rules>,
    /// It was declared again with other rules, and that was said.
    is_contested: bool,
    members: Slab<Member>,
    /// Indices into the log.
    pending: Vec<u32>,
    /// Indices into the log of the round under way.
    delivering: Vec<u32>,
    /// The offset of the first of them.
    delivering_from: u64,
    past: Past,
    /// Of a presence: what tells a newcomer who is there, until that changes.
    here: Option<Rc<Publication>>,
    /// When somebody last joined, left or published.
    used: Moment,
}

#[derive(Clone, Copy)]
struct Member {
    seat: Place,
    /// It hears publications from this offset on.
    since: u64,
}

/// A subscription as its holder keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Membership {
    pub channel: u32,
    member: u32,
}

/// What a seat is subscribed to: most to one channel, or none.
pub(crate) type Memberships = Few<Membership>;

impl Hub {
    pub fn new(epoch: Epoch, idle_timeout: Duration) -> Self {
        Self {
            by_name: HashMap::new(),
            presences: HashMap::new(),
            channels: Slab::new(),
            log: Vec::new(),
            touched: Vec::new(),
            is_delivering: false,
            next_offset: 1,
            epoch,
            forgotten_through: 0,
            idle_timeout,
            ledger: Ledger::default(),
        }
    }

    /// Subscribes a seat to what is published from now on, unless `held` says it is already.
    pub fn subscribe(
        &mut self,
        subscription: &Subscription,
        seat: usize,
        held: &mut Memberships,
        now: Moment,
    ) -> Option<Membership> {
        let channel = self.open(&subscription.name, subscription.rules, now);
        if held.iter().any(|membership| membership.channel as usize == channel) {
            return None;
        }
        let member = Member { seat: seat.into(), since: self.next_offset };
        let member = self.channels[channel].members.insert(member);
        let membership = Membership { channel: channel as u32, member: member as u32 };
        held.push(membership);
        Some(membership)
    }

    /// Finds a channel, or opens it. The rules it is first declared with are its rules.
    fn open(&mut self, name: &str, rules: Option<Rules>, now: Moment) -> usize {
        let Some(key) = self.names(rules).get(name).copied() else {
            return self.add(name, rules, now);
        };
        let channel = &mut self.channels[key];
        channel.used = now;
        match (channel.rules, rules) {
            (None, Some(_)) => {
                channel.rules = rules;
                // What was said before it was declared was not kept.
                channel.past = Past::new(self.next_offset - 1);
            }
            (Some(known), Some(other)) if known != other && !channel.is_contested => {
                channel.is_contested = true;
                tracing::warn!(channel = name, "a channel is declared twice, and differently");
            }
            _ => {}
        }
        key
    }

    /// The names a channel of these rules is among.
    fn names(&mut self, rules: Option<Rules>) -> &mut HashMap<Rc<str>, usize> {
        match rules {
            Some(Rules { is_presence: true, .. }) => &mut self.presences,
            _ => &mut self.by_name,
        }
    }

    fn add(&mut self, name: &str, rules: Option<Rules>, now: Moment) -> usize {
        let name: Rc<str> = name.into();
        let channel = Channel {
            name: name.clone(),
            rules,
            is_contested: false,
            members: Slab::new(),
            pending: vec![],
            delivering: vec![],
            delivering_from: u64::MAX,
            past: Past::new(self.forgotten_through),
            here: None,
            used: now,
        };
        self.ledger.add(channel.bytes());
        let key = self.channels.insert(channel);
        self.names(rules).insert(name, key);
        key
    }

    /// Ends a subscription to the channel of this one; says which it was.
    pub fn unsubscribe(
        &mut self,
        subscription: &Subscription,
        held: &mut Memberships,
        now: Moment,
    ) -> Option<u32> {
        let channel = self.names(subscription.rules).get(&*subscription.name).copied()?;
        let at = held.iter().position(|held| held.channel as usize == channel)?;
        let membership = held.swap_remove(at);
        self.leave(membership, now);
        Some(membership.channel)
    }

    /// Ends all subscriptions of one who has left.
    pub fn leave_all(&mut self, held: &mut Memberships, now: Moment) {
        for membership in std::mem::take(held) {
            self.leave(membership, now);
        }
    }

    fn leave(&mut self, membership: Membership, now: Moment) {
        let key = membership.channel as usize;
        let channel = &mut self.channels[key];
        channel.used = now;
        channel.members.remove(membership.member as usize);
        self.close_if_unused(key);
    }

    /// Records a publication, and keeps it if its channel does; with nobody there and nothing to
    /// keep it for, it is nothing.
    pub fn publish(&mut self, publishing: Publishing, now: Moment) {
        let Publishing { mut message, rules } = publishing;
        let name = message.channel().unwrap_or_default();
        let keeps = rules.is_some_and(|rules| rules.keeps_history());
        let key = match self.names(rules).get(name) {
            None if !keeps => {
                self.next_offset += 1;
                return;
            }
            _ => self.open(name, rules, now),
        };
        let channel = &mut self.channels[key];
        let rules = channel.rules();
        let offset = self.next_offset;
        let mut number = offset;
        if rules.is_numbered {
            let last = channel.past.last_number();
            match message.id().and_then(|id| id.parse().ok()) {
                Some(id) if id > last => number = id,
                id => {
                    let id = id.unwrap_or(0);
                    return tracing::warn!(
                        channel = name,
                        "an event was not published: its number `{id}` is not above `{last}`"
                    );
                }
            }
        } else if rules.keeps_history() {
            if let Some(id) = message.id() {
                tracing::warn!(channel = name, id, "the id of an event gave way to its cursor");
            }
            message.id = Some(self.epoch.cursor(offset));
        }
        message.has_cursor = rules.keeps_history();
        channel.here = None;
        self.next_offset += 1;
        let places = (offset, number);
        let publication = Publication::new(message, places, key as u32, now, &self.ledger);
        let publication = Rc::new(publication);
        if rules.keeps_history() {
            channel.past.keep(publication.clone(), &rules);
        }
        if channel.pending.is_empty() {
            self.touched.push(key);
        }
        channel.pending.push(self.log.len() as u32);
        self.log.push(publication);
    }

    pub fn has_pending(&self) -> bool {
        !self.log.is_empty()
    }

    /// The offset of the last publication.
    pub fn last_offset(&self) -> u64 {
        self.next_offset - 1
    }

    /// The last offset that has been delivered to all who are not behind.
    pub fn delivered_through(&self) -> u64 {
        self.log.first().map_or(self.next_offset, |first| first.offset) - 1
    }

    /// What becomes of slow readers of a channel.
    pub fn overflow(&self, channel: u32) -> Overflow {
        self.channels[channel as usize].rules().overflow
    }

    /// Whether events of a channel have cursors, so that a hole in them can be told.
    pub fn has_cursors(&self, channel: u32) -> bool {
        self.channels[channel as usize].rules().keeps_history()
    }

    /// Has a member hear what is published from an offset on; `u64::MAX` for nothing yet, because
    /// it is still reading the past.
    pub fn hear_from(&mut self, membership: Membership, since: u64) {
        let channel = &mut self.channels[membership.channel as usize];
        channel.members[membership.member as usize].since = since;
    }

    /// A channel nobody holds, and that keeps nothing for who comes back, is forgotten.
    fn close_if_unused(&mut self, key: usize) {
        let channel = &self.channels[key];
        if channel.is_unused() && !channel.rules().keeps_history() {
            self.close(key);
        }
    }

    fn close(&mut self, key: usize) {
        let channel = self.channels.remove(key);
        self.ledger.subtract(channel.bytes());
        self.names(channel.rules).remove(&channel.name);
        self.forgotten_through = self.forgotten_through.max(channel.past.last_offset());
    }

    /// Lets go of what is too old, and of channels nobody has used for long.
    pub fn sweep(&mut self, now: Moment) {
        let mut idle = Vec::new();
        for (key, channel) in &mut self.channels {
            let rules = channel.rules();
            channel.past.trim(&rules, now);
            let timeout = rules.forgotten_after.unwrap_or(self.idle_timeout);
            if channel.is_unused() && now - channel.used >= timeout {
                idle.push(key);
            }
        }
        for key in idle {
            self.close(key);
        }
    }

    /// Whether there is something to sweep, now or later.
    pub fn has_past(&self) -> bool {
        self.channels.iter().any(|(_, channel)| channel.rules().keeps_history())
    }

    /// How many subscriptions there are.
    pub fn subscriptions(&self) -> usize {
        self.channels.iter().map(|(_, channel)| channel.members.len()).sum()
    }

    /// How many channels there are, presences included.
    pub fn channels(&self) -> usize {
        self.channels.len()
    }

    /// Bytes that channels keep for those who come back.
    pub fn history_bytes(&self) -> usize {
        self.channels.iter().map(|(_, channel)| channel.past.bytes_held()).sum()
    }

    /// Where the bytes are counted that somebody holds.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }
}

impl Channel {
    fn rules(&self) -> Rules {
        self.rules.unwrap_or(Rules::NONE)
    }

    /// Bytes it takes besides what is said on it: itself, and its places among all.
    fn bytes(&self) -> usize {
        size_of::<Self>() + self.name.len() + PLACE_BYTES
    }

    /// Whether nobody holds it and nothing is on its way.
    fn is_unused(&self) -> bool {
        self.members.is_empty() && self.pending.is_empty() && self.delivering.is_empty()
    }
}

/// Bytes of a channel's place among the names, with what is spare there.
const PLACE_BYTES: usize = 64;

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::action::Topic;
    use crate::protocol::websocket::deflate::WindowBits;
    use crate::server::connection::compression::Compression;
    use crate::transport::Form;

    fn now() -> Moment {
        let epoch = Instant::now();
        Moment::new(epoch, epoch)
    }

    fn hub() -> Hub {
        Hub::new(Epoch::new(7), Duration::from_secs(60))
    }

    fn publish(hub: &mut Hub, channel: &str, text: &str) {
        hub.publish(channel.say(text).expect("text is a message"), now());
    }

    fn subscribe(hub: &mut Hub, channel: &str, seat: usize, held: &mut Memberships) {
        hub.subscribe(&channel.into(), seat, held, now());
    }

    /// What each of the holders hears in one round.
    fn deliver(hub: &mut Hub, holders: &[&Memberships]) -> Vec<Vec<String>> {
        let mut round = Round::default();
        let mut due = Vec::new();
        hub.begin_round(&mut round);
        let heard = holders
            .iter()
            .map(|held| {
                hub.due(&round, held, &mut due);
                let texts = due.iter().map(|at| &round.log[*at as usize].message);
                texts.map(|message| message.as_text().unwrap_or_default().to_owned()).collect()
            })
            .collect();
        hub.end_round(&mut round);
        heard
    }

    #[test]
    fn a_subscriber_hears_what_is_published_after_it_subscribed() {
        let mut hub = hub();
        let (mut early, mut late) = (Memberships::default(), Memberships::default());
        subscribe(&mut hub, "room", 1, &mut early);
        publish(&mut hub, "room", "first");
        subscribe(&mut hub, "room", 2, &mut late);
        publish(&mut hub, "room", "second");
        assert_eq!(
            deliver(&mut hub, &[&early, &late]),
            [vec!["first".to_owned(), "second".into()], vec!["second".into()]]
        );
        assert!(!hub.has_pending());
    }

    #[test]
    fn all_channels_are_heard_in_the_order_of_publishing() {
        let mut hub = hub();
        let mut held = Memberships::default();
        subscribe(&mut hub, "b", 1, &mut held);
        subscribe(&mut hub, "a", 1, &mut held);
        for (channel, text) in [("a", "1"), ("b", "2"), ("c", "nobody"), ("a", "3")] {
            publish(&mut hub, channel, text);
        }
        assert_eq!(deliver(&mut hub, &[&held]), [["1", "2", "3"]]);
    }

    #[test]
    fn a_channel_without_members_is_forgotten() {
        let mut hub = hub();
        let mut held = Memberships::default();
        subscribe(&mut hub, "room", 1, &mut held);
        subscribe(&mut hub, "room", 1, &mut held);
        assert_eq!(held.len(), 1, "a second subscription is the first");
        publish(&mut hub, "room", "in flight");
        hub.unsubscribe(&"room".into(), &mut held, now());
        assert_eq!(hub.channels.len(), 1, "something is still to be delivered");
        deliver(&mut hub, &[]);
        assert!(hub.channels.is_empty() && hub.by_name.is_empty());
    }

    #[test]
    fn an_encoding_is_made_once_and_shared() {
        let mut hub = hub();
        let mut held = Memberships::default();
        subscribe(&mut hub, "room", 1, &mut held);
        publish(&mut hub, "room", "hello");
        let publication = &hub.log[0];
        let first = publication.encoded(Form::Sse).expect("text is an event");
        let second = publication.encoded(Form::Sse).expect("text is an event");
        assert_eq!(&first[..], b"data: hello\n\n");
        assert_eq!(first.as_ptr(), second.as_ptr());
    }

    #[test]
    fn a_publication_is_compressed_once_for_each_form_and_window() {
        let mut hub = hub();
        let mut held = Memberships::default();
        subscribe(&mut hub, "room", 1, &mut held);
        publish(&mut hub, "room", &"much the same, ".repeat(100));
        let publication = &hub.log[0];
        let mut compression = Compression::default();
        let mut all = || -> Vec<_> {
            [Form::Websocket, Form::Envelope]
                .into_iter()
                .flat_map(|form| [WindowBits::MIN, WindowBits::MAX].map(|bits| (form, bits)))
                .map(|(form, bits)| {
                    let plain = publication.encoded(form).expect("text is a message");
                    publication.deflated(form, bits, plain, &mut compression)
                })
                .collect()
        };
        let (first, again) = (all(), all());
        for (at, bytes) in first.iter().enumerate() {
            assert!(bytes.len() < 300, "{} bytes are compressed", bytes.len());
            let same = again.iter().position(|other| other.as_ptr() == bytes.as_ptr());
            assert_eq!(same, Some(at), "each has its own, and it is the one made first");
        }
    }
}
