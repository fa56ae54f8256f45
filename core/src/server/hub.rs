//! The hub: a server's channels, and what was published on them this tick.
//!
//! Publishes of all channels make one sequence of offsets. A subscription hears what comes after
//! the offset it was made at, so one made in mid-tick misses what was said before it.

use std::collections::HashMap;
use std::rc::Rc;

use bytes::Bytes;
use slab::Slab;
use smallvec::SmallVec;

use crate::action::{Event, Message};
use crate::transport::{Form, Wire};

/// The channels of one server.
#[derive(Default)]
pub(crate) struct Hub {
    by_name: HashMap<Rc<str>, usize>,
    channels: Slab<Channel>,
    /// Published and not yet delivered, in order.
    log: Vec<Publication>,
    /// The channels that have publications in the log.
    touched: Vec<usize>,
    /// The offset of the next publication.
    next_offset: u64,
}

struct Channel {
    name: Rc<str>,
    members: Slab<Member>,
    /// Indices into the log.
    pending: Vec<u32>,
    /// Indices into the log of the round under way.
    delivering: Vec<u32>,
}

#[derive(Clone, Copy)]
struct Member {
    seat: usize,
    since: u64,
}

/// A subscription as its holder keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Subscription {
    channel: u32,
    member: u32,
}

/// What a seat is subscribed to; most hold one, and that takes no heap.
pub(crate) type Subscriptions = SmallVec<[Subscription; 1]>;

/// A message with the encodings made of it so far.
pub(crate) struct Publication {
    pub message: Message,
    offset: u64,
    forms: [Encoded; Form::COUNT],
}

/// One form of a publication.
enum Encoded {
    /// Nobody has wanted it yet.
    Unmade,
    Made(Bytes),
    /// The message is of a kind this form does not carry, and that was logged.
    Impossible,
}

/// What is delivered at one settle.
#[derive(Default)]
pub(crate) struct Round {
    pub log: Vec<Publication>,
    pub channels: Vec<usize>,
}

impl Hub {
    /// Subscribes a seat, unless `held` says it is already.
    pub fn subscribe(&mut self, name: &str, seat: usize, held: &mut Subscriptions) {
        let channel = match self.by_name.get(name) {
            Some(channel) => *channel,
            None => self.open(name),
        };
        if held.iter().any(|subscription| subscription.channel as usize == channel) {
            return;
        }
        let member = Member { seat, since: self.next_offset };
        let member = self.channels[channel].members.insert(member);
        held.push(Subscription { channel: channel as u32, member: member as u32 });
    }

    fn open(&mut self, name: &str) -> usize {
        let name: Rc<str> = name.into();
        let channel = Channel {
            name: name.clone(),
            members: Slab::new(),
            pending: vec![],
            delivering: vec![],
        };
        let key = self.channels.insert(channel);
        self.by_name.insert(name, key);
        key
    }

    pub fn unsubscribe(&mut self, name: &str, held: &mut Subscriptions) {
        let Some(channel) = self.by_name.get(name).copied() else { return };
        let found = held.iter().position(|held| held.channel as usize == channel);
        if let Some(at) = found {
            let subscription = held.swap_remove(at);
            self.leave(subscription);
        }
    }

    /// Ends all subscriptions of one who has left.
    pub fn leave_all(&mut self, held: &mut Subscriptions) {
        for subscription in std::mem::take(held) {
            self.leave(subscription);
        }
    }

    fn leave(&mut self, subscription: Subscription) {
        let key = subscription.channel as usize;
        self.channels[key].members.remove(subscription.member as usize);
        self.close_if_unused(key);
    }

    /// Records a publication; nobody there, nothing kept.
    pub fn publish(&mut self, message: Message) {
        let offset = self.next_offset;
        self.next_offset += 1;
        let name = message.channel().unwrap_or_default();
        let Some(key) = self.by_name.get(name).copied() else { return };
        let channel = &mut self.channels[key];
        if channel.pending.is_empty() {
            self.touched.push(key);
        }
        channel.pending.push(self.log.len() as u32);
        self.log.push(Publication {
            message,
            offset,
            forms: [const { Encoded::Unmade }; Form::COUNT],
        });
    }

    pub fn has_pending(&self) -> bool {
        !self.log.is_empty()
    }

    /// Takes what is to be delivered now. What is published meanwhile waits for the next round.
    pub fn begin_round(&mut self, round: &mut Round) {
        std::mem::swap(&mut self.log, &mut round.log);
        std::mem::swap(&mut self.touched, &mut round.channels);
        for key in &round.channels {
            if let Some(channel) = self.channels.get_mut(*key) {
                std::mem::swap(&mut channel.pending, &mut channel.delivering);
            }
        }
    }

    /// The seat of a channel's member by index; `Some(None)` for a gap, `None` past the last.
    pub fn member(&self, channel: usize, index: usize) -> Option<Option<usize>> {
        let members = &self.channels.get(channel)?.members;
        if index >= members.capacity() {
            return None;
        }
        Some(members.get(index).map(|member| member.seat))
    }

    /// Notes in `due` which publications of the round a holder of these subscriptions hears, in
    /// the order of their offsets.
    pub fn due(&self, round: &Round, held: &[Subscription], due: &mut Vec<u32>) {
        due.clear();
        for subscription in held {
            let channel = &self.channels[subscription.channel as usize];
            let since = channel.members[subscription.member as usize].since;
            let heard = channel.delivering.iter().copied();
            due.extend(heard.filter(|at| round.log[*at as usize].offset >= since));
        }
        if held.len() > 1 {
            due.sort_unstable();
        }
    }

    /// Whether a holder of these subscriptions still hears a publication that was due to it: by
    /// hearing others of the round it may have been led to unsubscribe.
    pub fn hears(&self, round: &Round, held: &[Subscription], at: u32) -> bool {
        let offset = round.log[at as usize].offset;
        held.iter().any(|subscription| {
            let channel = &self.channels[subscription.channel as usize];
            let since = channel.members[subscription.member as usize].since;
            offset >= since && channel.delivering.binary_search(&at).is_ok()
        })
    }

    /// Forgets what was delivered, keeping the buffers for the next round.
    pub fn end_round(&mut self, round: &mut Round) {
        for key in round.channels.drain(..) {
            if let Some(channel) = self.channels.get_mut(key) {
                channel.delivering.clear();
                self.close_if_unused(key);
            }
        }
        round.log.clear();
    }

    /// A channel nobody holds is forgotten.
    fn close_if_unused(&mut self, key: usize) {
        let channel = &self.channels[key];
        if channel.members.is_empty() && channel.pending.is_empty() && channel.delivering.is_empty()
        {
            let channel = self.channels.remove(key);
            self.by_name.remove(&channel.name);
        }
    }
}

impl Publication {
    /// The encoding of this form, made at the first call; `None` if the form does not carry the
    /// message, which is logged once and not for everybody who misses it.
    pub fn encoded(&mut self, form: Form) -> Option<Bytes> {
        let place = &mut self.forms[form as usize];
        if let Encoded::Unmade = place {
            *place = match Wire::render_shared(form, &Event::from(&self.message)) {
                Ok(bytes) => Encoded::Made(Bytes::from(bytes)),
                Err(error) => {
                    let channel = self.message.channel();
                    tracing::error!(channel, "a message was not sent as {form:?}: {error}");
                    Encoded::Impossible
                }
            };
        }
        match place {
            Encoded::Made(bytes) => Some(bytes.clone()),
            Encoded::Unmade | Encoded::Impossible => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(channel: &str, text: &str) -> Message {
        Message::published(channel, Event::new(text)).expect("text is a message")
    }

    /// What each of the holders hears in one round.
    fn deliver(hub: &mut Hub, holders: &[&Subscriptions]) -> Vec<Vec<String>> {
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
        let mut hub = Hub::default();
        let (mut early, mut late) = (Subscriptions::new(), Subscriptions::new());
        hub.subscribe("room", 1, &mut early);
        hub.publish(message("room", "first"));
        hub.subscribe("room", 2, &mut late);
        hub.publish(message("room", "second"));
        assert_eq!(
            deliver(&mut hub, &[&early, &late]),
            [vec!["first".to_owned(), "second".into()], vec!["second".into()]]
        );
        assert!(!hub.has_pending());
    }

    #[test]
    fn all_channels_are_heard_in_the_order_of_publishing() {
        let mut hub = Hub::default();
        let mut held = Subscriptions::new();
        hub.subscribe("b", 1, &mut held);
        hub.subscribe("a", 1, &mut held);
        for (channel, text) in [("a", "1"), ("b", "2"), ("c", "nobody"), ("a", "3")] {
            hub.publish(message(channel, text));
        }
        assert_eq!(deliver(&mut hub, &[&held]), [["1", "2", "3"]]);
    }

    #[test]
    fn a_channel_without_members_is_forgotten() {
        let mut hub = Hub::default();
        let mut held = Subscriptions::new();
        hub.subscribe("room", 1, &mut held);
        hub.subscribe("room", 1, &mut held);
        assert_eq!(held.len(), 1, "a second subscription is the first");
        hub.publish(message("room", "in flight"));
        hub.unsubscribe("room", &mut held);
        assert_eq!(hub.channels.len(), 1, "something is still to be delivered");
        deliver(&mut hub, &[]);
        assert!(hub.channels.is_empty() && hub.by_name.is_empty());
    }

    #[test]
    fn an_encoding_is_made_once_and_shared() {
        let mut hub = Hub::default();
        let mut held = Subscriptions::new();
        hub.subscribe("room", 1, &mut held);
        hub.publish(message("room", "hello"));
        let publication = &mut hub.log[0];
        let first = publication.encoded(Form::Sse).expect("text is an event");
        let second = publication.encoded(Form::Sse).expect("text is an event");
        assert_eq!(&*first, b"data: hello\n\n");
        assert_eq!(first.as_ptr(), second.as_ptr());
    }
}
