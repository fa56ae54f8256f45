//! What the macros write, read as the data it is; and what they say when something is wrong.

use std::time::Duration;

use crampon::action::{
    Action, Callback, Callbacks, Channel, Context, Data, Deflate, Every, Gap, KeepAlive, Message,
    Part, PeriodicTimer, Replay, Service,
};
use crampon::transport::Transport;
use crampon::{action, callbacks, service};

#[action(
    transport = websocket | sse | long_polling,
    keep_alive = "1.5s",
    subscribe = [ROOM.at("hall").replay(Replay::Last(3)), "news"],
    subprotocols = ["echo", "chat"],
    poll_timeout = "30s",
    hold_timeout = "2m",
    write_timeout = "250ms",
    body_bytes_max = 2 * KIBIBYTE,
    message_bytes_max = size_of::<u64>(),
    deflate = dedicated,
    deflate_bytes_min = KIBIBYTE
)]
struct Live {
    paces: u64,
}

const ROOM: Channel = Channel::new("room").history(100);

const KIBIBYTE: usize = 1024;

/// The line of `fn latest`, counted by the compiler.
const LATEST_LINE: u32 = line!() + 7;

#[callbacks]
impl Live {
    #[on_start]
    #[periodic_timer(every = "15s")]
    #[periodic_timer(every = Self::pace)]
    fn latest(&mut self, _cx: &mut Context<Self>) {
        self.paces += 1;
    }

    #[before_start]
    fn first(&mut self, _cx: &mut Context<Self>) {}

    #[before_start]
    fn second(&mut self, _cx: &mut Context<Self>) -> Result<(), String> {
        Ok(())
    }

    #[cfg(any())]
    #[before_start]
    fn compiled_away(&mut self, _cx: &mut Context<Self>) {}

    #[on_data]
    fn received(&mut self, _cx: &mut Context<Self>, _data: Data<'_>) {}

    #[on_data(stream)]
    fn part(&mut self, _cx: &mut Context<Self>, _part: Part<'_>) {}

    #[on_message]
    fn heard(&mut self, _cx: &mut Context<Self>, _message: &Message) {}

    #[on_gap]
    fn missed(&mut self, _cx: &mut Context<Self>, _gap: &Gap) {}

    #[on_drain]
    #[on_start]
    fn drained(&mut self, _cx: &mut Context<Self>) {}

    #[on_finish]
    fn r#final(&mut self, _cx: &mut Context<Self>) {}

    fn pace(&self) -> Duration {
        Duration::from_secs(self.paces)
    }
}

#[action(transport = sse, keep_alive = off)]
struct Silent;

#[callbacks]
impl Silent {}

#[service]
struct Sampler;

#[callbacks]
impl Sampler {
    #[on_start]
    fn open(&mut self, _cx: &mut Context<Self>) {}
}

fn names<F>(callbacks: &[Callback<F>]) -> Vec<&'static str> {
    callbacks.iter().map(|callback| callback.name).collect()
}

#[test]
fn a_declaration_holds_what_its_attribute_says_and_leaves_the_rest_to_the_server() {
    let live = Live::DECLARATION;
    assert_eq!(live.name, "Live");
    assert_eq!(live.transports, [Transport::Websocket, Transport::Sse, Transport::LongPolling]);
    assert_eq!(live.keep_alive, KeepAlive::Every(Duration::from_millis(1_500)));
    assert_eq!(live.subprotocols, ["echo", "chat"]);
    assert_eq!(live.poll_timeout, Some(Duration::from_secs(30)));
    assert_eq!(live.hold_timeout, Some(Duration::from_secs(120)));
    assert_eq!(live.write_timeout, Some(Duration::from_millis(250)));
    assert_eq!(live.body_bytes_max, Some(2_048));
    assert_eq!(live.message_bytes_max, Some(8));
    assert_eq!(live.deflate, Some(Deflate::Dedicated));
    assert_eq!(live.deflate_bytes_min, Some(1024));
    assert_eq!(live.answer_timeout, None);
    assert_eq!(live.outbox_bytes_max, None);
}

#[test]
fn keep_alive_is_the_transports_own_unless_it_is_set() {
    #[action(transport = sse)]
    struct Plain;

    #[callbacks]
    impl Plain {}

    assert_eq!(Plain::DECLARATION.keep_alive, KeepAlive::ByTransport);
    assert_eq!(Silent::DECLARATION.keep_alive, KeepAlive::Off);
}

#[test]
fn subscriptions_are_made_anew_by_each_call_in_the_order_listed() {
    let made: Vec<String> = Live::DECLARATION
        .subscriptions
        .iter()
        .map(|subscription| format!("{:?}", subscription()))
        .collect();
    let expected = [ROOM.at("hall").replay(Replay::Last(3)), "news".into()];
    assert_eq!(made, expected.map(|subscription| format!("{subscription:?}")));
    assert!(Silent::DECLARATION.subscriptions.is_empty());
}

#[test]
fn a_service_has_its_name_and_the_same_table() {
    assert_eq!(Sampler::NAME, "Sampler");
    assert_eq!(names(Sampler::TABLE.on_start), ["open"]);
}

#[test]
fn callbacks_are_listed_in_the_order_of_declaration() {
    let table = Live::TABLE;
    assert_eq!(names(table.before_start), ["first", "second"]);
    assert_eq!(names(table.on_start), ["latest", "drained"]);
    assert_eq!(names(table.on_data), ["received"]);
    assert_eq!(names(table.on_part), ["part"]);
    assert_eq!(names(table.on_message), ["heard"]);
    assert_eq!(names(table.on_gap), ["missed"]);
    assert_eq!(names(table.on_drain), ["drained"]);
    assert_eq!(names(table.on_finish), ["final"]);
}

#[test]
fn a_callback_knows_the_line_of_its_method_on_every_list_it_is_in() {
    let table = Live::TABLE;
    let places =
        [table.on_start[0].place, table.timers[0].callback.place, table.timers[1].callback.place];
    for place in places {
        assert_eq!(place.line, LATEST_LINE);
        assert!(place.file.ends_with("macros.rs"), "{place}");
    }
}

#[test]
fn a_timer_has_the_interval_of_its_attribute_or_asks_for_it() {
    let intervals = Live::TABLE.timers.iter().map(|PeriodicTimer { every, .. }| match every {
        Every::Fixed(interval) => *interval,
        Every::Asked(pace) => pace(&Live { paces: 7 }),
    });
    assert_eq!(intervals.collect::<Vec<_>>(), [Duration::from_secs(15), Duration::from_secs(7)]);
}

#[test]
fn an_empty_block_is_an_empty_table() {
    let table = Silent::TABLE;
    assert!(!table.takes_data());
    assert!(table.on_start.is_empty() && table.timers.is_empty());
}

#[test]
fn every_mistake_is_told_where_it_stands_with_what_to_write() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("ui/*.rs");
    cases.pass("ui/pass/*.rs");
}
