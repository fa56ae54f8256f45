//! Resuming: a cursor goes on where it was given, and no event is lost or heard twice.

use super::*;

#[test]
fn who_comes_back_hears_what_it_missed_and_then_what_comes() {
    for (first, second) in WAYS.into_iter().flat_map(|way| WAYS.map(|other| (way, other))) {
        let world = house();
        let mut cursor = String::new();
        let mut reader = world.visit(first.visit("/", ""));
        world.publish(NEWS, "one");
        assert_eq!(texts(&heard(&mut reader, &mut cursor)), ["one"], "{first:?}");
        reader.hang_up();
        world.publish(NEWS, "two").publish(NEWS, "three");
        let mut reader = world.visit(second.visit("/", &cursor));
        assert_eq!(texts(&heard(&mut reader, &mut cursor)), ["two", "three"], "{second:?}");
        if second == Way::Poll {
            reader = world.visit(second.visit("/", &cursor));
        }
        world.publish(NEWS, "four");
        assert_eq!(texts(&heard(&mut reader, &mut cursor)), ["four"], "{second:?}");
    }
}

#[test]
fn a_newcomer_who_heard_nothing_yet_misses_nothing_either() {
    for way in WAYS {
        let world = house();
        world.publish(NEWS, "before");
        let mut cursor = String::new();
        let mut reader = world.visit(way.visit("/", ""));
        if way == Way::Poll {
            reader.advance(Duration::from_secs(25)).expect_status(204);
        }
        assert!(heard(&mut reader, &mut cursor).is_empty(), "{way:?}");
        assert!(!cursor.is_empty(), "{way:?}");
        reader.hang_up();
        world.publish(NEWS, "meanwhile");
        let mut reader = world.visit(way.visit("/", &cursor));
        assert_eq!(texts(&heard(&mut reader, &mut cursor)), ["meanwhile"], "{way:?}");
    }
}

#[test]
fn a_cursor_that_is_none_or_of_another_log_is_told() {
    for way in WAYS {
        for (cursor, reason) in [("7", "malformed"), ("x-y-z", "malformed"), ("abc-3", "epoch")] {
            let world = house();
            world.publish(NEWS, "old");
            let mut reader = world.visit(way.visit("/", cursor));
            let said = heard(&mut reader, &mut String::new());
            let gap = format!(r#"{{"reason":"{reason}","after":"{cursor}"}}"#);
            assert_eq!(texts(&said), [gap], "{way:?}");
            assert_eq!(said[0].event, "crampon.gap");
        }
    }
}

#[test]
fn what_is_no_longer_kept_is_told_and_what_is_kept_is_heard() {
    for way in WAYS {
        let world = house();
        let mut cursor = String::new();
        let mut reader = world.visit(way.visit("/", ""));
        world.publish(NEWS, "0");
        heard(&mut reader, &mut cursor);
        reader.hang_up();
        for number in 1..=101 {
            world.publish(NEWS, number.to_string());
        }
        let mut reader = world.visit(way.visit("/", &cursor));
        let said = heard(&mut reader, &mut cursor.clone());
        assert_eq!(said[0].event, "crampon.gap", "{way:?}");
        assert_eq!(said[0].data, format!(r#"{{"reason":"expired","after":"{cursor}"}}"#));
        let kept: Vec<String> = (2..=101).map(|number| number.to_string()).collect();
        assert_eq!(texts(&said[1..]), kept, "{way:?}");
    }
}

#[test]
fn a_poll_that_ends_before_it_reads_claims_nothing_it_has_not_heard() {
    /// Hears the news a second after it came.
    #[action(transport = long_polling)]
    struct Late;

    #[callbacks]
    impl Late {
        #[before_start]
        fn wait(&mut self, cx: &mut Context<Self>) {
            cx.subscribe(NEWS);
            cx.hold();
            cx.after(Duration::from_secs(1), |_, cx| cx.proceed());
        }
    }

    let world = World::new(Routes::new().at("/", || Late));
    let mut cursor = String::new();
    let mut poll = world.visit(Way::Poll.visit("/", ""));
    world.publish(NEWS, "one").advance(Duration::from_secs(2));
    heard(&mut poll, &mut cursor);
    let mut poll = world.visit(Way::Poll.visit("/", &cursor));
    world.publish(NEWS, "two");
    // Its start and its end fall due at once, as after a long callback.
    world.stall(Duration::from_secs(30));
    let mut said = heard(&mut poll, &mut cursor);
    let mut poll = world.visit(Way::Poll.visit("/", &cursor));
    world.advance(Duration::from_secs(2));
    said.extend(heard(&mut poll, &mut cursor));
    assert_eq!(texts(&said), ["two"]);
}
