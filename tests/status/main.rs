//! Status: what a server tells of itself, and that it is true.

mod counting;
mod families;
mod holding;
mod refusing;

use crampon::TooFast;
use crampon::prelude::*;
use crampon::trial::{Trial, Visit, World};

use families::Families;

const NEWS: Channel = Channel::new("news").history(100);
const PRICES: Channel = Channel::new("prices").overflow(Overflow::Latest);
const ROOM: Channel = Channel::new("room");

/// Hears the news, and says what it hears itself back.
#[action(transport = websocket | sse | long_polling, subscribe = NEWS)]
struct Reader;

#[callbacks]
impl Reader {
    #[periodic_timer(every = "10s")]
    fn nothing(&mut self, _cx: &mut Context<Self>) {}

    #[on_data]
    fn heard(&mut self, cx: &mut Context<Self>, text: &str) {
        cx.render(text);
    }
}

/// Hears prices, of which only the newest counts.
#[action(transport = websocket | sse, subscribe = PRICES)]
struct Trader;

#[callbacks]
impl Trader {}

/// Is present in the room for as long as it is open.
#[action(transport = sse)]
struct Guest;

#[callbacks]
impl Guest {
    #[on_start]
    fn enter(&mut self, cx: &mut Context<Self>) {
        cx.enter(ROOM.presence(), "ada", &"here");
    }
}

/// Answers once its deferred work is done.
#[action(transport = regular)]
struct Slow;

#[callbacks]
impl Slow {
    #[on_start]
    fn begin(&mut self, cx: &mut Context<Self>) {
        cx.defer(|| "done").then(|_, cx, done| {
            cx.render(done.unwrap_or("not done"));
            cx.finish();
        });
    }
}

/// Answers as its path says.
#[action(transport = regular)]
struct Verdict;

#[callbacks]
impl Verdict {
    #[before_start]
    fn check(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        match cx.param("status")? {
            401 => Err(Halt::new(401, "no")),
            status => {
                cx.set_status(status);
                Ok(())
            }
        }
    }

    #[on_start]
    fn answer(&mut self, cx: &mut Context<Self>) -> Result<(), &'static str> {
        cx.finish();
        if cx.param_text("fails").is_some() { Err("it was asked to fail") } else { Ok(()) }
    }
}

/// A house of all of these.
fn house() -> World {
    house_with(|_| ())
}

fn house_with(set: impl FnOnce(&mut Limits)) -> World {
    World::with(routes(), |server| server.limits(set))
}

fn routes() -> Routes {
    Routes::new()
        .get("/metrics", Metrics::new)
        .get("/health", Health::new)
        .at("/news", || Reader)
        .at("/prices", || Trader)
        .at("/room", || Guest)
        .get("/slow", || Slow)
        .get("/verdict/{status}", || Verdict)
}

/// What the house tells on `/metrics`.
fn told(world: &World) -> Families {
    Families::read(&text_of(world, Visit::get("/metrics")))
}

fn text_of(world: &World, visit: Visit) -> String {
    let mut scraper = world.visit(visit);
    scraper.expect_status(200);
    let heard = scraper.heard();
    scraper.hang_up();
    heard[0].rendered().expect("a body is heard first")
}
