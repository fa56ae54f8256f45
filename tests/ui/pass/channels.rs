//! Channels an action hears from its start on: by name and declared, members and replays, on every
//! transport.

#![deny(warnings)]

use crampon::action::{Action, Channel, Context, Gap, Message, Overflow, Replay, Subscription};
use crampon::{action, callbacks};

struct Price {
    symbol: String,
}

const PICTURES: Channel = Channel::new("pictures").history(100).event("picture");
const PRICES: Channel<Price> = Channel::new("prices").latest_by(|price| &price.symbol);
static LOG: Channel = Channel::new("log").history_bytes(1 << 20).overflow(Overflow::DropOldest);

#[action(transport = websocket | sse | long_polling, subscribe = PICTURES.replay(Replay::Last(1)))]
struct Viewer;

#[callbacks]
impl Viewer {
    #[on_message]
    fn heard(&mut self, _cx: &mut Context<Self>, _message: &Message) {}

    #[on_gap]
    fn missed(&mut self, _cx: &mut Context<Self>, _gap: &Gap) {}

    #[on_drain]
    fn drained(&mut self, _cx: &mut Context<Self>) {}
}

#[action(
    transport = chunked,
    subscribe = ["news", PRICES, &LOG, PRICES.at(Self::DESK), String::from("hall"), Self::room()],
)]
struct Ticker<const DESK: usize>;

#[callbacks]
impl<const DESK: usize> Ticker<DESK> {
    const DESK: usize = DESK;

    fn room() -> Subscription {
        Subscription::to("room").replay(Replay::All)
    }
}

#[action(transport = regular, subscribe = "answers")]
struct Waiting;

#[callbacks]
impl Waiting {}

/// Inside a macro of somebody's own.
macro_rules! listening {
    ($name:ident, $channel:expr) => {
        #[action(transport = sse, subscribe = [$channel, "all"])]
        struct $name;

        #[callbacks]
        impl $name {}
    };
}

listening!(Listener, PICTURES.at("cats"));

fn count<A: Action>() -> usize {
    A::DECLARATION.subscriptions.iter().map(|subscription| subscription()).count()
}

fn main() {
    let _ = Price { symbol: String::new() };
    assert_eq!(count::<Viewer>(), 1);
    assert_eq!(count::<Ticker<3>>(), 6);
    assert_eq!(count::<Waiting>(), 1);
    assert_eq!(count::<Listener>(), 2);
}
