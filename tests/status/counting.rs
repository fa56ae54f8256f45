//! What is counted since the server began.

use crampon::reactor::Reactor;

use super::*;

#[test]
fn connections_are_told_by_action_and_transport() {
    let world = house();
    let _viewers = [world.socket("/news"), world.events("/news"), world.events("/news")];
    let mut idle = world.get("/verdict/200");
    idle.expect_status(200);
    let told = told(&world);
    let open = |action: &str, transport: &str| {
        let labels = format!("{{action=\"{action}\",transport=\"{transport}\"}}");
        told.of(&format!("crampon_connections{labels}"))
    };
    assert_eq!(open("Reader", "websocket"), 1.0);
    assert_eq!(open("Reader", "sse"), 2.0);
    assert_eq!(open("Metrics", "regular"), 1.0, "it counts itself");
    assert_eq!(open("none", "none"), 1.0, "one waits for its next request");
    assert_eq!(told.of("crampon_connections_accepted_total"), 5.0);
}

#[test]
fn sessions_that_ended_are_told_by_why() {
    let world = house();
    world.events("/news").hang_up();
    world.socket("/news").close(1000, "");
    let _poller = world.get("/news");
    world.advance(Duration::from_secs(60));
    for target in ["/verdict/200", "/verdict/401", "/verdict/200?fails=1"] {
        world.get(target);
    }
    let told = told(&world);
    let ended = |action: &str, transport: &str, reason: &str| {
        let labels =
            format!("{{action=\"{action}\",transport=\"{transport}\",reason=\"{reason}\"}}");
        told.of(&format!("crampon_sessions_ended_total{labels}"))
    };
    assert_eq!(ended("Reader", "sse", "disconnected"), 1.0);
    assert_eq!(ended("Reader", "websocket", "disconnected"), 1.0);
    assert_eq!(ended("Reader", "long_polling", "timed_out"), 1.0);
    assert_eq!(ended("Verdict", "regular", "finished"), 1.0);
    assert_eq!(ended("Verdict", "regular", "refused"), 1.0);
    assert_eq!(ended("Verdict", "regular", "failed"), 1.0);
    let all: f64 = told.family("crampon_sessions_ended_total").map(|(_, count)| count).sum();
    assert_eq!(all, 6.0);
}

#[test]
fn requests_are_told_by_the_class_of_their_answer() {
    let world = house();
    for target in ["/verdict/200", "/verdict/204", "/verdict/302", "/verdict/401", "/nowhere"] {
        world.get(target);
    }
    world.get("/verdict/503");
    world.get("/verdict/200?fails=1");
    world.connect().send_bytes(b"no request\r\n\r\n");
    world.socket("/news").hang_up();
    let too_long = Visit::post("/news", "").announcing(1 << 40);
    world.visit(too_long).expect_status(413);
    let told = told(&world);
    let answers = ["1xx", "2xx", "3xx", "4xx", "5xx"]
        .map(|class| told.of(&format!("crampon_requests_total{{status=\"{class}\"}}")));
    assert_eq!(answers, [1.0, 2.0, 1.0, 4.0, 2.0]);
    assert_eq!(told.of("crampon_refusals_total{reason=\"bad_request\"}"), 1.0);
    assert_eq!(told.of("crampon_refusals_total{reason=\"body_too_long\"}"), 1.0);
}

#[test]
fn messages_and_bytes_are_counted_in_and_out() {
    let world = house();
    let mut viewer = world.socket("/news");
    let before = told(&world);
    for text in ["one", "two", "three"] {
        viewer.send(text).expect_render(text);
    }
    world.post("/news", "four").expect_render("four");
    let after = told(&world);
    let grew = |series: &str| after.of(series) - before.of(series);
    assert_eq!(grew("crampon_messages_total{direction=\"in\"}"), 4.0);
    assert_eq!(grew("crampon_messages_total{direction=\"out\"}"), 4.0 + 1.0, "and the figures");
    // Frames of a client have a head of six bytes, those of a server one of two.
    let texts = "onetwothree".len() as f64;
    assert!(grew("crampon_bytes_total{direction=\"in\"}") > texts + 18.0);
    assert!(grew("crampon_bytes_total{direction=\"out\"}") > texts + 6.0);
}

#[test]
fn a_publish_is_counted_once_and_a_delivery_for_each_who_hears_it() {
    let world = house();
    let _viewers = [world.socket("/news"), world.events("/news"), world.events("/news")];
    let mut poller = world.get("/news");
    world.publish(NEWS, "rain").publish(NEWS, "sun");
    poller.expect_render("rain");
    let told = told(&world);
    assert_eq!(told.of("crampon_publishes_total"), 2.0);
    assert_eq!(told.of("crampon_deliveries_total"), 3.0 * 2.0 + 1.0, "a poll hears one");
}

#[test]
fn drops_are_told_by_policy_and_readers_that_are_closed_as_refusals() {
    let world = house_with(|limits| limits.outbox_bytes_max = 1000);
    let mut trader = world.socket("/prices");
    let mut reader = world.socket("/news");
    for slow in [&mut trader, &mut reader] {
        slow.wire().set_window(Some(0));
    }
    for price in 0..10 {
        world.publish(PRICES, Event::new(price.to_string()).key("bread"));
    }
    for _ in 0..20 {
        world.publish(NEWS, "n".repeat(100));
    }
    let told = told(&world);
    // The first went to the system's hands, the second waits; eight gave way to the one after.
    assert_eq!(told.of("crampon_drops_total{policy=\"latest\"}"), 8.0);
    assert_eq!(told.of("crampon_refusals_total{reason=\"slow_reader\"}"), 1.0);
}

#[test]
fn those_who_wait_to_be_accepted_are_counted() {
    let (mut reactor, simulation) = Reactor::simulated(1);
    let listener = simulation.listen(([127, 0, 0, 1], 0).into()).expect("it is free");
    let address = listener.local_addr().expect("it has one");
    Server::on(listener).attach(&mut reactor, routes()).expect("the routes can be served");
    let knock = |count| (0..count).map(|_| simulation.connect(address).expect("it listens"));
    let _seven: Vec<_> = knock(7).collect();
    reactor.advance(Duration::ZERO).expect("it comes to rest");
    let scraper: Vec<_> = knock(1).collect();
    scraper[0].send(b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
    reactor.advance(Duration::ZERO).expect("it comes to rest");
    let text = String::from_utf8(scraper[0].receive()).expect("it is text");
    assert!(text.contains("\ncrampon_accept_queue 1\n"), "{text}");
    assert!(text.contains("\ncrampon_accept_queue_longest 7\n"), "{text}");
}

#[test]
fn callbacks_are_told_by_name_the_slowest_first() {
    let world = house();
    let mut viewer = world.socket("/news");
    viewer.send("one").send("two");
    world.advance(Duration::from_secs(10));
    let text = text_of(&world, Visit::get("/metrics"));
    let told = Families::read(&text);
    let calls = |action: &str, callback: &str| {
        let labels = format!("{{action=\"{action}\",callback=\"{callback}\"}}");
        told.of(&format!("crampon_callback_calls_total{labels}"))
    };
    assert_eq!(calls("Reader", "heard"), 2.0);
    assert_eq!(calls("Reader", "nothing"), 1.0);
    let longest = text.lines().filter(|line| line.starts_with("crampon_callback_longest_seconds{"));
    let longest: Vec<f64> =
        longest.map(|line| line.rsplit(' ').next().unwrap_or_default().parse().unwrap()).collect();
    assert!(longest.is_sorted_by(|a, b| a >= b) && longest.len() >= 2, "{longest:?}");
}
