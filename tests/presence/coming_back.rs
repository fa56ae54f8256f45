//! Coming back: a reconnect in time changes nothing, and who watches goes on where it was.

use super::*;

#[test]
fn who_is_back_in_time_never_left() {
    for way in WAYS {
        let world = house();
        let mut watchers = watchers(&world);
        let mut ada = world.visit(visit(way, "/guest?who=ada", ""));
        expect_all(&mut watchers, &[all_here(&[]), joined("ada")]);
        for _ in 0..3 {
            ada.hang_up();
            world.advance(GRACE - MOMENT);
            ada = world.visit(visit(way, "/guest?who=ada", ""));
        }
        if way != Way::Poll {
            world.advance(GRACE * 3);
        }
        expect_all(&mut watchers, &[]);
    }
}

#[test]
fn who_is_back_with_another_value_is_told_as_an_update() {
    let world = house();
    let mut watchers = watchers(&world);
    guest(&world, "ada").hang_up();
    expect_all(&mut watchers, &[all_here(&[]), joined("ada")]);
    let _ada = world.socket("/guest?who=ada&value=7");
    world.advance(GRACE);
    expect_all(&mut watchers, &[updated("ada", "7")]);
}

#[test]
fn who_is_back_too_late_left_and_joins() {
    let world = house();
    let mut watchers = watchers(&world);
    guest(&world, "ada").hang_up();
    world.advance(GRACE);
    let _ada = guest(&world, "ada");
    expect_all(&mut watchers, &[all_here(&[]), joined("ada"), left("ada"), joined("ada")]);
}

#[test]
fn polls_keep_one_there_as_long_as_they_come() {
    let world = house();
    let mut watcher = Watcher::new(&world, Way::Events, "/watch");
    for _ in 0..3 {
        let mut poll = world.get("/guest?who=ada");
        poll.advance(Duration::from_secs(25)).expect_status(204);
        world.advance(GRACE / 2);
    }
    watcher.expect(&[all_here(&[]), joined("ada")]);
    world.advance(GRACE / 2);
    watcher.expect(&[left("ada")]);
}

#[test]
fn a_watcher_who_comes_back_is_told_what_changed() {
    for (first, second) in [Way::Envelope, Way::Events, Way::Poll]
        .into_iter()
        .flat_map(|first| WAYS.map(|second| (first, second)))
    {
        let world = house();
        let _ada = guest(&world, "ada");
        let mut watcher = Watcher::new(&world, first, "/watch");
        let _bob = guest(&world, "bob");
        let told = watcher.told();
        assert!(told.concat().contains("bob"), "{first:?}: {told:?}");
        watcher.trial.hang_up();
        let mut back = Watcher::since(&world, second, "/watch", &watcher.cursor);
        back.expect(&[]);
        back.trial.hang_up();
        let _eve = guest(&world, "eve");
        guest(&world, "dan").send("leave");
        let mut back = Watcher::since(&world, second, "/watch", &watcher.cursor);
        back.expect(&[joined("eve"), joined("dan"), left("dan")]);
    }
}

#[test]
fn a_watcher_who_missed_too_much_is_told_who_is_there() {
    for way in WAYS {
        let world = house();
        let mut watcher = Watcher::new(&world, Way::Events, "/watch");
        let mut ada = guest(&world, "ada");
        watcher.told();
        watcher.trial.hang_up();
        for number in 0..101 {
            ada.send(&format!("be {number}"));
        }
        ada.send("rename countess");
        for cursor in [&*watcher.cursor, "abc-3", "7", "x-y-z"] {
            let mut back = Watcher::since(&world, way, "/watch", cursor);
            back.expect(&[all_here(&["countess"])]);
        }
    }
}

#[test]
fn who_reads_too_slowly_to_be_told_of_changes_is_told_who_is_there() {
    // It reads a long past while more changes than are kept.
    let world = World::new(routes().at("/", || Reader));
    for _ in 0..100 {
        world.publish(ROOM, "x".repeat(8 * 1024));
    }
    let mut reader = world.connect();
    reader.wire().set_window(Some(64 * 1024));
    reader.send_bytes(b"GET / HTTP/1.1\r\nhost: trial.test\r\naccept: text/event-stream\r\n\r\n");
    let mut ada = guest(&world, "ada");
    let mut bob = guest(&world, "bob");
    bob.send("leave");
    for number in 0..300 {
        ada.send(&format!("be {number}"));
    }
    reader.wire().set_window(None);
    world.advance(MOMENT);
    let told: Vec<_> = reader.heard().iter().filter_map(Heard::rendered).collect();
    assert!(!told.iter().any(|told| told.contains("reason")), "no gap is told");
    let told: Vec<_> = told.iter().filter(|told| told.contains("presence")).collect();
    let here = r#"{"presence":"here","members":[{"key":"ada","value":"299"}]}"#;
    assert_eq!(told.last().map(|told| told.as_str()), Some(here), "{told:?}");
}

/// Says where things stand when its viewer has missed something.
#[action(transport = sse, subscribe = [ROOM, ROOM.presence()])]
struct Summary;

#[callbacks]
impl Summary {
    #[on_gap]
    fn missed(&mut self, cx: &mut Context<Self>, _: &Gap) {
        cx.render("a summary");
    }
}

#[test]
fn an_answer_to_a_gap_says_nothing_of_who_is_there_so_that_is_told() {
    let world = World::new(routes().at("/", || Summary));
    let mut first = world.events("/");
    let _ada = guest(&world, "ada");
    world.publish(ROOM, "0");
    let heard = first.heard();
    let Some(Heard::Event { id, .. }) = heard.last() else { panic!("an event, not {heard:?}") };
    for number in 1..=101 {
        world.publish(ROOM, number.to_string());
    }
    for cursor in [id, "abc-3"] {
        let mut back = world.events(&format!("/?last-event-id={cursor}"));
        let told: Vec<_> = back.heard().iter().filter_map(Heard::rendered).collect();
        let [gap, summary, here, _position] = &told[..] else { panic!("not {told:?}") };
        assert!(gap.contains("reason"), "{gap}");
        assert_eq!((&**summary, here), ("a summary", &all_here(&["ada"])));
        world.publish(ROOM, "more");
        back.expect_render("more").expect_nothing();
    }
}

/// Hears what is said, and who is there.
#[action(transport = long_polling, subscribe = [ROOM, ROOM.presence()])]
struct Listener;

#[callbacks]
impl Listener {}

/// Polls for one event a poll until there is none, from a cursor on.
fn poll_through(world: &World, cursor: &str) -> Vec<String> {
    let (mut cursor, mut told) = (cursor.to_owned(), Vec::new());
    loop {
        let mut poll = world.get(&format!("/?last-event-id={cursor}"));
        let Some(Heard::Body(body)) = poll.heard().into_iter().next() else { return told };
        told.push(String::from_utf8(body).expect("it is text"));
        cursor = poll.header("last-event-id").expect("an answer has a position");
        assert!(told.len() < 250, "polls that are answered for ever: {:?}", &told[..5]);
    }
}

#[test]
fn a_poll_for_one_event_is_told_gaps_and_lists_and_comes_to_an_end() {
    // How much is said and changed meanwhile, and with what one comes back.
    for (said, changes) in [(1, 1), (1, 101), (101, 1), (101, 101)] {
        for cursor in ["", "abc-3", "x-y-z"] {
            let world = World::new(routes().at("/", || Listener));
            let mut ada = guest(&world, "ada");
            world.publish(ROOM, "old");
            let first = world.get("/");
            let known = first.header("last-event-id").expect("a position");
            for number in 0..changes {
                ada.send(&format!("be {number}"));
            }
            ada.send("rename countess");
            for number in 0..said {
                world.publish(ROOM, number.to_string());
            }
            let told = poll_through(&world, if cursor.is_empty() { &known } else { cursor });
            let is_gap = |told: &&String| told.contains("reason");
            let is_list = |told: &&String| told.contains("here");
            let case = format!("{said} said, {changes} changes, cursor `{cursor}`: {told:?}");
            let has_gap = said > 100 || !cursor.is_empty();
            assert_eq!(told.iter().filter(is_gap).count() > 0, has_gap, "{case}");
            let has_list = changes > 100 || !cursor.is_empty();
            assert_eq!(told.iter().filter(is_list).count() > 0, has_list, "{case}");
            let knows = |told: &String| told.contains("countess");
            assert!(told.iter().any(knows), "{case}");
            let heard = told.iter().filter(|told| told.parse::<u32>().is_ok()).count();
            let expected = if cursor.is_empty() { said.min(100) } else { 0 };
            assert_eq!(heard, expected, "{case}");
        }
    }
}

/// Reads all there is of a room, and who is there.
#[action(transport = sse, subscribe = [ROOM.replay(Replay::All), ROOM.presence()])]
struct Reader;

#[callbacks]
impl Reader {}
