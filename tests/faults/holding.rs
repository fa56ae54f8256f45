//! Callbacks that fail their neighbours: they block, panic, or want more memory than there is.

use std::sync::{Arc, Barrier};

use crampon_tests::Host;

use super::*;

/// Holds the loop until the test lets it go.
#[action(transport = websocket)]
struct Blocker {
    gate: Arc<Barrier>,
}

#[callbacks]
impl Blocker {
    #[on_data]
    fn block(&mut self, cx: &mut Context<Self>, text: &str) {
        self.gate.wait();
        cx.render(text);
    }
}

#[test]
fn a_callback_that_blocks_is_named_and_all_go_on_when_it_returns() {
    let gate = Arc::new(Barrier::new(2));
    let held = gate.clone();
    let at_once = |limits: &mut Limits| limits.slow_callback = Some(Duration::ZERO);
    let host = Host::serve_with(
        move |server| server.limits(at_once),
        move || {
            Routes::new()
                .at("/block", move || Blocker { gate: held.clone() })
                .get("/hello", || Hello)
                .get("/metrics", Metrics::new)
        },
    );
    let mut blocker = host.open("/block");
    let mut other = host.connect();
    blocker.say("on we go");
    other.get("/hello");
    gate.wait();
    assert_eq!(blocker.text(), "on we go");
    assert_eq!(other.answer().text(), "hello");
    let figures = host.get("/metrics").text().to_owned();
    let named = "crampon_callback_calls_total{action=\"Blocker\",callback=\"block\"} 1";
    assert!(figures.contains(named), "{figures}");
    let log = host.log();
    let warning = log.lines().find(|line| line.contains("callback=\"block\""));
    let warning = warning.expect("it is warned of");
    assert!(warning.contains("held the loop") && warning.contains("holding.rs"), "{warning}");
}

/// Wants more memory than a machine can address.
#[action(transport = websocket)]
struct Glutton;

#[callbacks]
impl Glutton {
    #[on_data]
    fn gorge(&mut self, cx: &mut Context<Self>, text: &str) {
        cx.render(text.repeat(usize::MAX / 2));
    }
}

#[test]
fn a_callback_that_wants_more_memory_than_can_be_ends_alone() {
    let host = Host::serve(|| Routes::new().at("/gorge", || Glutton).at("/echo", || Echo));
    let mut neighbour = host.open("/echo");
    let mut glutton = host.open("/gorge");
    glutton.say("more");
    assert_eq!(glutton.receive().code(), Some(1011));
    neighbour.say("all is well");
    assert_eq!(neighbour.text(), "all is well");
    assert!(host.log().contains("capacity overflow"), "{}", host.log());
}

/// Renders as much as it is asked for, whoever takes it.
#[action(transport = websocket)]
struct Flood;

#[callbacks]
impl Flood {
    #[on_data]
    fn pour(&mut self, cx: &mut Context<Self>, _: &str) {
        for _ in 0..64 {
            cx.render("x".repeat(1 << 20));
        }
    }
}

#[test]
fn a_callback_that_renders_more_than_is_taken_costs_its_reader_and_no_other() {
    let host = Host::serve(|| Routes::new().at("/flood", || Flood).at("/echo", || Echo));
    let mut neighbour = host.open("/echo");
    let mut flooded = crampon_tests::Socket::open(host.connect_narrow(), "/flood");
    flooded.say("pour");
    flooded.say("and once more");
    neighbour.say("all is well");
    assert_eq!(neighbour.text(), "all is well");
}
