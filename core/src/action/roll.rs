//! The roll: who is present on which channel, and who has gone and may be back.
//!
//! Knows no sockets and no clock: it is told who enters and ends, and when, and says what that
//! changes for those who watch.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use smallvec::SmallVec;

use super::channel::Rules;
use super::{Event, Message, Present, Publishing};

/// Who is present on all channels of a server.
#[derive(Default)]
pub(crate) struct Roll {
    /// By channel, by key: the order in which they are listed.
    channels: HashMap<Arc<str>, BTreeMap<Arc<str>, Member>>,
    /// What each connection is present as.
    holds: HashMap<Holder, SmallVec<[Hold; 1]>>,
    /// Who leaves when, unless it is back by then.
    departures: BTreeSet<(Instant, Hold)>,
}

/// A connection, or a service: the seat of its session.
type Holder = usize;

/// A channel, and the key one is present under.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Hold {
    channel: Arc<str>,
    key: Arc<str>,
}

struct Member {
    value: Arc<str>,
    /// How many connections are present as it.
    holders: usize,
    grace: Duration,
    leaves_at: Option<Instant>,
}

/// A wish to be present.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub channel: Arc<str>,
    pub key: Arc<str>,
    /// JSON.
    pub value: Arc<str>,
    pub grace: Duration,
}

/// What becomes other for those who watch a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub channel: Arc<str>,
    pub key: Arc<str>,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Join { value: Arc<str> },
    Update { value: Arc<str> },
    Leave,
}

impl Roll {
    /// How many are present, on all channels together.
    pub fn len(&self) -> usize {
        self.channels.values().map(BTreeMap::len).sum()
    }

    /// Makes a connection present; under another key than before it leaves the one it had.
    pub fn enter(&mut self, holder: Holder, entry: Entry) -> Vec<Change> {
        let Entry { channel, key, value, grace } = entry;
        let hold = Hold { channel, key };
        let mut changes = Vec::new();
        let is_new = self.holds.get(&holder).is_none_or(|holds| !holds.contains(&hold));
        if is_new {
            changes.extend(self.leave(holder, &hold.channel));
            self.holds.entry(holder).or_default().push(hold.clone());
        }
        let members = self.channels.entry(hold.channel.clone()).or_default();
        match members.get_mut(&hold.key) {
            None => {
                let member = Member { value: value.clone(), holders: 1, grace, leaves_at: None };
                members.insert(hold.key.clone(), member);
                changes.push(hold.change(What::Join { value }));
            }
            Some(member) => {
                member.holders += usize::from(is_new);
                member.grace = grace;
                if let Some(at) = member.leaves_at.take() {
                    self.departures.remove(&(at, hold.clone()));
                }
                if member.value != value {
                    member.value = value.clone();
                    changes.push(hold.change(What::Update { value }));
                }
            }
        }
        changes
    }

    /// How many connections are present.
    pub fn holders(&self) -> usize {
        self.holds.len()
    }

    /// Whether a channel has so many members that another key would be one too many.
    pub fn is_full(&self, entry: &Entry, members_max: usize) -> bool {
        let members = self.channels.get(&entry.channel);
        members.map_or(members_max == 0, |all| {
            all.len() >= members_max && !all.contains_key(&entry.key)
        })
    }

    /// Makes a connection present no more, because it says so: there is nothing to wait for.
    pub fn leave(&mut self, holder: Holder, channel: &str) -> Option<Change> {
        let holds = self.holds.get_mut(&holder)?;
        let at = holds.iter().position(|hold| &*hold.channel == channel)?;
        let hold = holds.swap_remove(at);
        if holds.is_empty() {
            self.holds.remove(&holder);
        }
        let member = self.member(&hold)?;
        member.holders -= 1;
        if member.holders > 0 { None } else { self.remove(hold) }
    }

    /// A connection has ended: who was present by it alone is waited for.
    pub fn end(&mut self, holder: Holder, now: Instant) -> Vec<Change> {
        let mut changes = Vec::new();
        if self.holds.is_empty() {
            // Most servers have nobody on a roll, and each request ends here.
            return changes;
        }
        for hold in self.holds.remove(&holder).into_iter().flatten() {
            let Some(member) = self.member(&hold) else { continue };
            member.holders -= 1;
            if member.holders > 0 {
                continue;
            }
            if member.grace.is_zero() {
                changes.extend(self.remove(hold));
            } else if let Some(at) = now.checked_add(member.grace) {
                member.leaves_at = Some(at);
                self.departures.insert((at, hold));
            }
        }
        changes
    }

    /// When the next one leaves who is not back by then.
    pub fn next_departure(&self) -> Option<Instant> {
        self.departures.first().map(|(at, _)| *at)
    }

    /// Those leave whose grace time is over.
    pub fn depart(&mut self, now: Instant) -> Vec<Change> {
        let mut changes = Vec::new();
        while self.next_departure().is_some_and(|at| at <= now) {
            let departure = self.departures.pop_first();
            changes.extend(departure.and_then(|(_, hold)| self.remove(hold)));
        }
        changes
    }

    /// Who is present on a channel, by key.
    pub fn present(&self, channel: &str) -> Vec<Present> {
        let members = self.channels.get(channel).into_iter().flatten();
        let present = |(key, member): (&Arc<str>, &Member)| Present {
            key: key.clone(),
            value: member.value.clone(),
        };
        members.map(present).collect()
    }

    /// What tells a newcomer who is there.
    pub fn here(&self, channel: &str) -> Message {
        let mut json = r#"{"presence":"here","members":["#.to_owned();
        for (at, present) in self.present(channel).iter().enumerate() {
            json.push_str(if at == 0 { "{" } else { ",{" });
            push_key(&present.key, &mut json);
            push_value(&present.value, &mut json);
            json.push('}');
        }
        json.push_str("]}");
        message(channel, json)
    }

    fn member(&mut self, hold: &Hold) -> Option<&mut Member> {
        self.channels.get_mut(&hold.channel)?.get_mut(&hold.key)
    }

    fn remove(&mut self, hold: Hold) -> Option<Change> {
        let members = self.channels.get_mut(&hold.channel)?;
        members.remove(&hold.key)?;
        if members.is_empty() {
            self.channels.remove(&hold.channel);
        }
        Some(hold.change(What::Leave))
    }
}

impl Hold {
    fn change(&self, what: What) -> Change {
        Change { channel: self.channel.clone(), key: self.key.clone(), what }
    }
}

impl Change {
    /// What tells it to those who watch.
    pub fn publishing(&self) -> Publishing {
        let (word, value) = match &self.what {
            What::Join { value } => ("join", Some(value)),
            What::Update { value } => ("update", Some(value)),
            What::Leave => ("leave", None),
        };
        let mut json = format!(r#"{{"presence":"{word}","#);
        push_key(&self.key, &mut json);
        if let Some(value) = value {
            push_value(value, &mut json);
        }
        json.push('}');
        Publishing { message: message(&self.channel, json), rules: Some(Rules::PRESENCE) }
    }
}

fn push_key(key: &str, json: &mut String) {
    json.push_str(r#""key":"#);
    json.push_str(&serde_json::to_string(key).expect("text can be JSON"));
}

fn push_value(value: &str, json: &mut String) {
    json.push_str(r#","value":"#);
    json.push_str(value);
}

fn message(channel: &str, json: String) -> Message {
    let event = Event { is_json: true, ..Event::new(json).named(PRESENCE) };
    Message::published(channel, event).expect("text under this name can be published")
}

/// The name of the events that tell who is there.
const PRESENCE: &str = "crampon.presence";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GRACE: Duration = Duration::from_secs(10);

    fn entry(channel: &str, key: &str, value: &str, grace: Duration) -> Entry {
        Entry { channel: channel.into(), key: key.into(), value: value.into(), grace }
    }

    fn said(changes: impl IntoIterator<Item = Change>) -> Vec<String> {
        let said = |change: Change| {
            let message = change.publishing().message;
            assert_eq!(message.name(), Some(PRESENCE));
            message.as_text().expect("it is JSON").to_owned()
        };
        changes.into_iter().map(said).collect()
    }

    #[test]
    fn changes_are_told_as_json_whatever_a_key_is_made_of() {
        let mut roll = Roll::default();
        let joined = roll.enter(1, entry("room", "\"a\"\n", r#"{"n":1}"#, GRACE));
        assert_eq!(said(joined), [r#"{"presence":"join","key":"\"a\"\n","value":{"n":1}}"#]);
        let same = roll.enter(1, entry("room", "\"a\"\n", r#"{"n":1}"#, GRACE));
        assert_eq!(same, []);
        let updated = roll.enter(1, entry("room", "\"a\"\n", "2", GRACE));
        assert_eq!(said(updated), [r#"{"presence":"update","key":"\"a\"\n","value":2}"#]);
        let left = roll.leave(1, "room");
        assert_eq!(said(left), [r#"{"presence":"leave","key":"\"a\"\n"}"#]);
        assert_eq!(roll.leave(1, "room"), None);
    }

    #[test]
    fn the_list_is_by_key() {
        let mut roll = Roll::default();
        for (holder, key) in ["c", "a", "b"].into_iter().enumerate() {
            roll.enter(holder, entry("room", key, "0", GRACE));
        }
        let here = roll.here("room");
        let members = r#"{"key":"a","value":0},{"key":"b","value":0},{"key":"c","value":0}"#;
        let json = format!(r#"{{"presence":"here","members":[{members}]}}"#);
        assert_eq!((here.channel(), here.as_text()), (Some("room"), Some(&*json)));
        let nobody = r#"{"presence":"here","members":[]}"#;
        assert_eq!(roll.here("attic").as_text(), Some(nobody));
    }

    #[test]
    fn another_key_is_a_leave_and_a_join() {
        let mut roll = Roll::default();
        roll.enter(1, entry("room", "ada", "0", GRACE));
        let renamed = roll.enter(1, entry("room", "countess", "0", GRACE));
        let [left, joined] = &said(renamed)[..] else { panic!("two changes") };
        assert!(left.contains("leave") && joined.contains("countess"), "{left} {joined}");
        let present = roll.present("room");
        assert_eq!(present.iter().map(Present::key).collect::<Vec<_>>(), ["countess"]);
    }

    #[test]
    fn nothing_is_left_of_those_who_left() {
        let now = Instant::now();
        let mut roll = Roll::default();
        roll.enter(1, entry("room", "ada", "0", GRACE));
        roll.enter(2, entry("room", "bob", "0", Duration::ZERO));
        assert_eq!(said(roll.end(2, now)).len(), 1, "it is not waited for");
        assert_eq!(roll.end(1, now), []);
        assert_eq!(roll.depart(now + GRACE - Duration::from_nanos(1)), []);
        assert_eq!(roll.next_departure(), Some(now + GRACE));
        assert_eq!(said(roll.depart(now + GRACE)).len(), 1);
        assert!(roll.channels.is_empty() && roll.holds.is_empty() && roll.departures.is_empty());
    }

    #[test]
    fn a_grace_beyond_all_time_waits_for_ever() {
        let mut roll = Roll::default();
        roll.enter(1, entry("room", "ada", "0", Duration::MAX));
        assert_eq!(roll.end(1, Instant::now()), []);
        assert_eq!((roll.next_departure(), roll.present("room").len()), (None, 1));
    }

    #[derive(Clone, Debug)]
    enum Deed {
        Enter { holder: usize, channel: usize, key: usize, value: u8 },
        Leave { holder: usize, channel: usize },
        End { holder: usize },
        Wait { seconds: u64 },
    }

    fn deeds() -> impl Strategy<Value = Vec<Deed>> {
        let deed = prop_oneof![
            4 => (0..4usize, 0..2usize, 0..3usize, 0..2u8).prop_map(
                |(holder, channel, key, value)| Deed::Enter { holder, channel, key, value }
            ),
            1 => (0..4usize, 0..2usize).prop_map(
                |(holder, channel)| Deed::Leave { holder, channel }
            ),
            3 => (0..4usize).prop_map(|holder| Deed::End { holder }),
            3 => (1..8u64).prop_map(|seconds| Deed::Wait { seconds }),
        ];
        proptest::collection::vec(deed, 0..60)
    }

    /// Who is there, worked out from all that ever happened.
    #[derive(Default)]
    struct Model {
        /// Who holds what: holder, channel, key.
        holds: Vec<(usize, usize, usize)>,
        /// What is there: channel, key, value, and when it was lost.
        there: BTreeMap<(usize, usize), (u8, Option<Instant>)>,
    }

    impl Model {
        fn release(&mut self, holder: usize, channel: Option<usize>, lost: Option<Instant>) {
            let goes = |hold: &(usize, usize, usize)| {
                hold.0 == holder && channel.is_none_or(|channel| channel == hold.1)
            };
            let gone: Vec<_> = self.holds.iter().copied().filter(goes).collect();
            self.holds.retain(|hold| !goes(hold));
            for (_, channel, key) in gone {
                if !self.holds.iter().any(|hold| (hold.1, hold.2) == (channel, key)) {
                    match lost {
                        Some(_) => self.there.get_mut(&(channel, key)).expect("held").1 = lost,
                        None => drop(self.there.remove(&(channel, key))),
                    }
                }
            }
        }

        fn does(&mut self, deed: &Deed, now: Instant) {
            match *deed {
                Deed::Enter { holder, channel, key, value } => {
                    if !self.holds.contains(&(holder, channel, key)) {
                        self.release(holder, Some(channel), None);
                        self.holds.push((holder, channel, key));
                    }
                    self.there.insert((channel, key), (value, None));
                }
                Deed::Leave { holder, channel } => self.release(holder, Some(channel), None),
                Deed::End { holder } => self.release(holder, None, Some(now)),
                Deed::Wait { .. } => {
                    self.there.retain(|_, (_, lost)| lost.is_none_or(|lost| now - lost < GRACE));
                }
            }
        }

        fn present(&self, channel: usize) -> Vec<(String, String)> {
            let there = self.there.iter().filter(|((of, _), _)| *of == channel);
            there.map(|((_, key), (value, _))| (key.to_string(), value.to_string())).collect()
        }
    }

    proptest! {
        #[test]
        fn the_roll_is_what_happened_and_its_changes_lead_from_one_to_the_next(deeds in deeds()) {
            let (mut roll, mut model) = (Roll::default(), Model::default());
            let mut now = Instant::now();
            // What one knows who was told nothing but the changes.
            let mut told: [BTreeMap<String, String>; 2] = Default::default();
            for deed in deeds {
                let mut changes = Vec::new();
                match &deed {
                    Deed::Enter { holder, channel, key, value } => {
                        let [channel, key] = [channel, key].map(usize::to_string);
                        let entry = entry(&channel, &key, &value.to_string(), GRACE);
                        changes = roll.enter(*holder, entry);
                    }
                    Deed::Leave { holder, channel } => {
                        changes.extend(roll.leave(*holder, &channel.to_string()));
                    }
                    Deed::End { holder } => changes = roll.end(*holder, now),
                    Deed::Wait { seconds } => {
                        now += Duration::from_secs(*seconds);
                        changes = roll.depart(now);
                    }
                }
                model.does(&deed, now);
                for Change { channel, key, what } in changes {
                    let told = &mut told[channel.parse::<usize>().expect("a number")];
                    let old = match what {
                        What::Leave => told.remove(&*key).map(|_| true),
                        What::Join { value } => {
                            Some(told.insert(key.to_string(), value.to_string()).is_none())
                        }
                        What::Update { value } => {
                            let old = told.insert(key.to_string(), value.to_string());
                            old.map(|old| *old != *value)
                        }
                    };
                    prop_assert_eq!(old, Some(true), "a change that changes nothing");
                }
                for (channel, told) in told.iter().enumerate() {
                    let listed = roll.present(&channel.to_string());
                    let listed: Vec<_> = listed
                        .iter()
                        .map(|present| (present.key.to_string(), present.value.to_string()))
                        .collect();
                    prop_assert_eq!(&listed, &model.present(channel));
                    prop_assert_eq!(listed, told.clone().into_iter().collect::<Vec<_>>());
                }
            }
        }
    }
}
