//! Thrift: a hub that keeps less of the past than its channels are declared to keep.

use std::collections::BinaryHeap;

use super::{Channel, Hub};
use crate::action::Overflow;

impl Hub {
    /// Lets go of what is superseded in channels where only the newest of each key counts.
    pub fn collapse(&mut self) {
        for (_, channel) in &mut self.channels {
            if channel.rules().overflow == Overflow::Latest {
                channel.past.collapse();
            }
        }
    }

    /// Lets go of the past, that of the channel which keeps the most first, until no more than
    /// `bytes` are held in all or nothing is left of it. Channels nobody holds go with it, and
    /// first of all those that keep nothing: where clients name them, there is no end of them.
    pub fn trim_to(&mut self, bytes: usize) {
        if self.ledger.bytes() > bytes {
            self.close_empty();
        }
        let pasts = self.channels.iter().filter(|(_, channel)| !channel.past.is_empty());
        let mut largest: BinaryHeap<(usize, usize)> =
            pasts.map(|(key, channel)| (channel.past.bytes_held(), key)).collect();
        while self.ledger.bytes() > bytes
            && let Some((_, key)) = largest.pop()
        {
            let next = largest.peek().map_or(0, |(bytes, _)| *bytes);
            let past = &mut self.channels[key].past;
            while past.bytes_held() >= next && self.ledger.bytes() > bytes && past.forget_oldest() {
            }
            if !past.is_empty() {
                largest.push((past.bytes_held(), key));
            } else if self.channels[key].is_unused() {
                self.close(key);
            }
        }
    }

    /// Forgets the channels that nobody holds and that keep nothing.
    fn close_empty(&mut self) {
        let is_empty = |channel: &Channel| channel.is_unused() && channel.past.is_empty();
        let channels = self.channels.iter().filter(|(_, channel)| is_empty(channel));
        let empty: Vec<usize> = channels.map(|(key, _)| key).collect();
        for key in empty {
            self.close(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::super::{Epoch, Memberships, Round};
    use super::*;
    use crate::action::{Channel, Event, Replay, Subscription, Topic};
    use crate::server::time::moment::Moment;

    const PRICES: Channel = Channel::new("prices").history(1000).overflow(Overflow::Latest);
    const LARGE: Channel = Channel::new("large").history(1000);
    const SMALL: Channel = Channel::new("small").history(1000);

    struct House {
        hub: Hub,
        now: Moment,
    }

    impl House {
        fn new() -> Self {
            let epoch = Instant::now();
            let hub = Hub::new(Epoch::new(7), Duration::from_secs(60));
            Self { hub, now: Moment::new(epoch, epoch) }
        }

        fn publish<'e>(&mut self, channel: Channel, event: impl Into<Event<'e>>) {
            let publishing = channel.say(event.into()).expect("it is a message");
            self.hub.publish(publishing, self.now);
            let mut round = Round::default();
            self.hub.begin_round(&mut round);
            self.hub.end_round(&mut round);
        }

        /// What is kept of a channel after an offset.
        fn kept_after(&mut self, channel: Channel, mut offset: u64) -> Vec<String> {
            let mut held = Memberships::default();
            let wish = Subscription::from(channel).replay(Replay::All);
            let joined = self.hub.subscribe(&wish, 0, &mut held, self.now);
            let key = joined.expect("it had not").channel;
            let mut kept = Vec::new();
            while let Some(publication) = self.hub.after(key, offset) {
                offset = publication.offset;
                kept.push(publication.message.as_text().unwrap_or_default().to_owned());
            }
            self.hub.leave_all(&mut held, self.now);
            kept
        }

        /// How one goes on who comes back to a channel after an offset.
        fn resume(&mut self, channel: Channel, offset: u64) -> super::super::Resume {
            let mut held = Memberships::default();
            let joined = self.hub.subscribe(&channel.into(), 0, &mut held, self.now);
            let cursor = self.hub.epoch.cursor(offset);
            let resumed = self.hub.resume(joined.expect("it had not"), &cursor, self.now);
            self.hub.leave_all(&mut held, self.now);
            resumed
        }
    }

    #[test]
    fn a_collapsed_channel_tells_the_newest_of_each_key_from_any_cursor_on() {
        let mut house = House::new();
        for number in 1..=9 {
            let key = ["a", "b", "c"][number % 3];
            house.publish(PRICES, Event::new(number.to_string()).key(key));
        }
        house.publish(PRICES, "without a key");
        house.publish(PRICES, Event::new("10").key("a"));
        house.publish(SMALL, "1");
        house.hub.collapse();
        for cursor in 0..=11 {
            let all = [(7, "7"), (8, "8"), (10, "without a key"), (11, "10")];
            let after = all.into_iter().filter(|(offset, _)| *offset > cursor);
            let expected: Vec<&str> = after.map(|(_, text)| text).collect();
            assert_eq!(house.resume(PRICES, cursor), Ok(cursor), "nothing that counts is missed");
            assert_eq!(house.kept_after(PRICES, cursor), expected, "after {cursor}");
        }
        assert_eq!(house.kept_after(SMALL, 0), ["1"], "others keep all");
    }

    #[test]
    fn the_largest_past_is_trimmed_first_and_from_its_oldest() {
        let mut house = House::new();
        for number in 0..10 {
            house.publish(SMALL, number.to_string());
        }
        for number in 0..10 {
            house.publish(LARGE, format!("{number}{:x>9999}", ""));
        }
        let before = house.hub.ledger().bytes();
        house.hub.trim_to(before - 1);
        let kept = house.kept_after(LARGE, 0);
        assert_eq!(kept.len(), 9);
        assert!(kept[0].starts_with('1'), "the oldest went");
        assert_eq!(house.kept_after(SMALL, 0).len(), 10);
        assert_eq!(house.resume(LARGE, 10), Err(crate::action::GapReason::Expired));
        assert_eq!(house.resume(LARGE, 11), Ok(11));

        house.hub.trim_to(20_000);
        assert_eq!(house.kept_after(LARGE, 0).len(), 1);
        assert_eq!(house.kept_after(SMALL, 0).len(), 10, "they were never the largest");
        house.hub.trim_to(0);
        assert_eq!(house.hub.ledger().bytes(), 0, "there is an end to it");
    }

    #[test]
    fn channels_that_keep_nothing_are_counted_and_the_first_to_go() {
        let mut house = House::new();
        house.publish(SMALL, "kept");
        let before = house.hub.ledger().bytes();
        for room in 0..1000 {
            house.kept_after(LARGE.at(room), 0);
        }
        let named = house.hub.ledger().bytes() - before;
        assert!(named > 1000 * size_of::<super::Channel>(), "{named} bytes are counted");
        house.hub.trim_to(before);
        assert_eq!(house.hub.ledger().bytes(), before);
        assert_eq!(house.kept_after(SMALL, 0), ["kept"]);
    }

    #[test]
    fn equal_pasts_are_trimmed_alike() {
        let mut house = House::new();
        for number in 0..100 {
            for room in 0..10 {
                house.publish(SMALL.at(room), format!("{number:0>100}"));
            }
        }
        let bytes = house.hub.ledger().bytes();
        house.hub.trim_to(bytes / 2);
        for room in 0..10 {
            let kept = house.kept_after(SMALL.at(room), 0).len();
            assert!((49..=50).contains(&kept), "room {room} keeps {kept}");
        }
    }
}
