//! The same table by the macro and by hand.

use std::borrow::Cow;
use std::time::Duration;

use crampon::action::{
    Action, Callback, Callbacks, Context, Cors, Data, Declaration, Every, Failure, FromData, Gap,
    Halt, Origins, PeriodicTimer, Place, Service, Subscription, Table,
};
use crampon::transport::Transport;
use crampon::{action, callbacks};

#[action(
    transport = sse,
    subscribe = "news",
    origins = "https://app.example",
    cors(origins = any, headers = "x-a" | "x-b"),
)]
struct Written;

#[callbacks]
impl Written {
    #[before_start]
    fn check(&mut self, _cx: &mut Context<Self>) -> Result<(), Halt> {
        Ok(())
    }

    #[on_data]
    fn received(&mut self, _cx: &mut Context<Self>, _text: &str) {}

    #[on_gap]
    fn missed(&mut self, _cx: &mut Context<Self>, _gap: &Gap) {}

    #[on_drain]
    fn drained(&mut self, _cx: &mut Context<Self>) {}

    #[periodic_timer(every = "15s")]
    fn beat(&mut self, _cx: &mut Context<Self>) {}
}

struct ByHand;

impl Action for ByHand {
    const DECLARATION: Declaration = Declaration {
        name: "ByHand",
        transports: &[Transport::Sse],
        subscriptions: &[|| Subscription::to("news")],
        origins: Some(
            const { &Origins::Listed(Cow::Borrowed(&[Cow::Borrowed("https://app.example")])) },
        ),
        cors: Some(
            const {
                &Cors {
                    origins: Some(Origins::Any),
                    has_credentials: false,
                    headers: Cow::Borrowed("x-a, x-b"),
                    exposed: Cow::Borrowed(""),
                    max_age: Cors::MAX_AGE,
                }
            },
        ),
        ..Declaration::DEFAULT
    };
}

impl Callbacks for ByHand {
    const TABLE: Table<Self> = Table {
        before_start: &[Callback {
            name: "check",
            place: Place { file: file!(), line: line!() },
            call: |this, cx| this.check(cx).map_err(Failure::new),
        }],
        on_data: &[Callback {
            name: "received",
            place: Place { file: file!(), line: line!() },
            call: |this, cx, data: Data<'_>| {
                let text = <&str>::from_data(data).map_err(Failure::Rejected)?;
                this.received(cx, text);
                Ok(())
            },
        }],
        on_gap: &[Callback {
            name: "missed",
            place: Place { file: file!(), line: line!() },
            call: |this, cx, gap| {
                this.missed(cx, gap);
                Ok(())
            },
        }],
        on_drain: &[Callback {
            name: "drained",
            place: Place { file: file!(), line: line!() },
            call: |this, cx| {
                this.drained(cx);
                Ok(())
            },
        }],
        timers: &[PeriodicTimer {
            callback: Callback {
                name: "beat",
                place: Place { file: file!(), line: line!() },
                call: |this, cx| {
                    this.beat(cx);
                    Ok(())
                },
            },
            every: Every::Fixed(Duration::from_secs(15)),
        }],
        ..Table::EMPTY
    };
}

impl ByHand {
    fn check(&mut self, _cx: &mut Context<Self>) -> Result<(), Halt> {
        Ok(())
    }

    fn received(&mut self, _cx: &mut Context<Self>, _text: &str) {}

    fn missed(&mut self, _cx: &mut Context<Self>, _gap: &Gap) {}

    fn drained(&mut self, _cx: &mut Context<Self>) {}

    fn beat(&mut self, _cx: &mut Context<Self>) {}
}

struct Process;

impl Service for Process {
    const NAME: &'static str = "Process";
}

impl Callbacks for Process {
    const TABLE: Table<Self> = Table::EMPTY;
}

fn shape<A: Callbacks>() -> [usize; 9] {
    let table = A::TABLE;
    [
        table.before_start.len(),
        table.on_start.len(),
        table.on_data.len(),
        table.on_part.len(),
        table.on_message.len(),
        table.on_gap.len(),
        table.on_drain.len(),
        table.on_finish.len(),
        table.timers.len(),
    ]
}

fn main() {
    assert_eq!(shape::<Written>(), [1, 0, 1, 0, 0, 1, 1, 0, 1]);
    assert_eq!(shape::<Written>(), shape::<ByHand>());
    assert_eq!(shape::<Process>(), [0; 9]);
    assert_eq!(Written::DECLARATION.transports, ByHand::DECLARATION.transports);
    assert_eq!(Written::DECLARATION.origins, ByHand::DECLARATION.origins);
    assert_eq!(Written::DECLARATION.cors, ByHand::DECLARATION.cors);
    let subscribed = |declaration: Declaration| format!("{:?}", declaration.subscriptions[0]());
    assert_eq!(subscribed(Written::DECLARATION), subscribed(ByHand::DECLARATION));
}
