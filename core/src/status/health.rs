//! The action that says whether its server is ready for more.

use crate::action::{Action, Callback, Callbacks, Context, Declaration, Outcome, Place, Table};
use crate::transport::{Transport, accepts_json};

/// Says whether its server is ready for more: `200` and `ready`, or from the moment a stop begins
/// `503` and `draining`, so that a load balancer sends the next client elsewhere.
///
/// ```
/// use crampon::prelude::*;
/// use crampon::trial::World;
///
/// let world = World::new(Routes::new().get("/health", Health::new));
/// world.get("/health").expect_status(200).expect_render("ready\n");
/// ```
///
/// Who asks for `application/json` is told `{"status":"ready"}`. The answer is never cached, and
/// while the server drains it closes its connection.
#[derive(Clone, Debug, Default)]
pub struct Health(());

impl Health {
    /// The recipe for a route: `Routes::new().get("/health", Health::new)`.
    pub fn new() -> Self {
        Self(())
    }

    fn answer(&mut self, cx: &mut Context<Self>) -> Outcome {
        let status = match cx.desk.surroundings.figures.is_draining() {
            false => "ready",
            true => {
                cx.set_status(503);
                cx.set_header("retry-after", RETRY_AFTER_SECONDS);
                cx.desk.wire.keeps_alive = false;
                "draining"
            }
        };
        cx.set_header("cache-control", "no-store");
        if accepts_json(cx.request().head()) {
            cx.set_header("content-type", "application/json");
            cx.render(format!("{{\"status\":\"{status}\"}}\n"));
        } else {
            cx.set_header("content-type", "text/plain; charset=utf-8");
            cx.render(format!("{status}\n"));
        }
        cx.finish();
        Ok(())
    }
}

// Who forgot an attribute is to be told of that, not that this is an action.
#[diagnostic::do_not_recommend]
impl Action for Health {
    const DECLARATION: Declaration =
        Declaration { name: "Health", transports: &[Transport::Regular], ..Declaration::DEFAULT };
}

#[diagnostic::do_not_recommend]
impl Callbacks for Health {
    const TABLE: Table<Self> = Table {
        on_start: &[Callback {
            name: "answer",
            place: Place { file: file!(), line: line!() },
            call: |health, cx| health.answer(cx),
        }],
        ..Table::EMPTY
    };
}

/// When it is worth asking again: the process that takes over is up by then.
const RETRY_AFTER_SECONDS: &str = "5";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Routes;
    use crate::trial::{Visit, World};

    /// Has its server begin to drain.
    struct Drain;

    impl Action for Drain {
        const DECLARATION: Declaration = Declaration {
            name: "Drain",
            transports: &[Transport::Regular],
            ..Declaration::DEFAULT
        };
    }

    impl Callbacks for Drain {
        const TABLE: Table<Self> = Table {
            on_start: &[Callback {
                name: "drain",
                place: Place { file: file!(), line: line!() },
                call: |_, cx| {
                    cx.desk.surroundings.figures.begin_draining();
                    cx.finish();
                    Ok(())
                },
            }],
            ..Table::EMPTY
        };
    }

    #[test]
    fn a_server_that_drains_says_so_and_lets_go_of_who_asked() {
        let world = World::new(Routes::new().get("/health", Health::new).get("/drain", || Drain));
        let mut balancer = world.get("/health");
        balancer.expect_status(200).expect_render("ready\n");
        balancer.expect_header("cache-control", "no-store");
        assert!(!balancer.wire().is_closed(), "it is kept for the next look");

        world.get("/drain").expect_status(200);
        let mut balancer = world.get("/health");
        balancer.expect_status(503).expect_render("draining\n");
        balancer.expect_header("connection", "close");
        balancer.expect_header("retry-after", "5").expect_header("cache-control", "no-store");
        assert!(balancer.wire().is_closed());
        let asked = Visit::get("/health").header("accept", "application/json");
        let mut balancer = world.visit(asked);
        balancer.expect_status(503).expect_header("content-type", "application/json");
        balancer.expect_render("{\"status\":\"draining\"}\n");
    }
}
