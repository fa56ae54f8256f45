//! What is held at a moment, and that all of it is let go.

use std::sync::mpsc::channel;

use crampon::reactor::Reactor;

use super::*;

#[test]
fn what_is_held_is_told() {
    let world = house_with(|limits| limits.outbox_bytes_max = 100_000);
    let at_first = world.gauges();
    assert_eq!((at_first.connections, at_first.sessions, at_first.subscriptions), (0, 0, 0));
    let _viewers = [world.socket("/news"), world.events("/news")];
    let _guest = world.events("/room");
    let gauges = world.gauges();
    assert_eq!((gauges.connections, gauges.sessions, gauges.subscriptions), (3, 3, 2));
    assert_eq!(gauges.present, 1);
    assert!(gauges.timers >= 2 + 3, "two periodic timers, three deadlines: {}", gauges.timers);

    world.publish(NEWS, "n".repeat(1000));
    let gauges = world.gauges();
    assert!((1000..2000).contains(&gauges.history_bytes), "{}", gauges.history_bytes);
    assert!(gauges.held_bytes >= gauges.history_bytes);

    let slow = world.events("/prices");
    slow.wire().set_window(Some(10));
    world.publish(PRICES, "p".repeat(5000));
    assert!(world.gauges().outbox_bytes > 0);
    slow.wire().set_window(None);
    assert_eq!(world.gauges().outbox_bytes, 0);
}

#[test]
fn deferred_work_that_waits_is_told() {
    let world = house();
    let mut slow = world.get("/slow");
    assert_eq!(world.gauges().jobs_waiting, 1);
    assert_eq!(told(&world).of("crampon_jobs{state=\"waiting\"}"), 1.0);
    world.advance(Duration::ZERO);
    slow.expect_render("done");
    assert_eq!(world.gauges().jobs_waiting, 0);
}

#[test]
fn what_the_text_tells_is_what_the_code_is_told() {
    let world = house();
    let _viewers = [world.socket("/news"), world.events("/room")];
    world.publish(NEWS, "rain");
    let (told, gauges) = (told(&world), world.gauges());
    for (name, value) in [
        ("crampon_subscriptions", gauges.subscriptions),
        ("crampon_channels", gauges.channels),
        ("crampon_present", gauges.present),
        ("crampon_history_bytes", gauges.history_bytes),
        ("crampon_held_bytes", gauges.held_bytes),
        ("crampon_outbox_bytes", gauges.outbox_bytes),
        ("crampon_calls_waiting", gauges.calls_waiting),
        ("crampon_sessions", gauges.sessions + 1),
        ("crampon_timers", gauges.timers + 1),
    ] {
        assert_eq!(told.of(name), value as f64, "{name}; a scrape has a session and a deadline");
    }
}

#[test]
fn when_all_have_left_nothing_is_held() {
    let world = house_with(|limits| limits.channel_idle_timeout = Duration::from_secs(60));
    let at_first = world.gauges();
    for round in 0..3 {
        let mut viewers = vec![
            world.socket("/news"),
            world.events("/news"),
            world.get("/news"),
            world.events("/room"),
            world.socket("/prices"),
            world.get("/slow"),
            world.get("/verdict/401"),
            world.connect(),
        ];
        viewers[4].wire().set_window(Some(0));
        world.publish(NEWS, "rain").publish(PRICES, "p".repeat(5000));
        viewers[7].send_bytes(b"GET /news HTTP/1.1\r\nHos");
        for viewer in &mut viewers {
            match round {
                0 => drop(viewer.hang_up()),
                1 => viewer.wire().reset(),
                _ => {}
            }
        }
        drop(viewers);
        world.advance(Duration::from_secs(300));
        assert_eq!(world.gauges(), at_first, "in round {round}");
    }
}

#[test]
fn a_service_may_ask_what_is_held() {
    /// Says every second how many connections there are.
    #[service]
    struct Census;

    #[callbacks]
    impl Census {
        #[periodic_timer(every = "1s")]
        fn count(&mut self, cx: &mut Context<Self>) {
            cx.measure(|_, cx, gauges| {
                cx.publish(NEWS, format!("{} are here", gauges.connections));
            });
        }
    }

    let world = World::with(routes(), |server| server.service(Census));
    let mut reader = world.events("/news");
    world.advance(Duration::from_secs(1));
    reader.expect_render("1 are here");
}

#[test]
fn whoever_runs_a_server_may_ask_what_is_held() {
    let (mut reactor, simulation) = Reactor::simulated(1);
    let listener = simulation.listen(([127, 0, 0, 1], 0).into()).expect("it is free");
    let address = listener.local_addr().expect("it has one");
    let server = Server::on(listener).attach(&mut reactor, routes()).expect("no two conflict");
    let _viewer = simulation.connect(address).expect("it listens");
    let (tell, told) = channel();
    server.measure(move |gauges| drop(tell.send(gauges.connections))).expect("it runs");
    reactor.advance(Duration::ZERO).expect("it comes to rest");
    assert_eq!(told.try_recv(), Ok(1));
    drop(reactor);
    assert!(server.measure(|_| ()).is_err(), "there is nobody left to ask");
}
