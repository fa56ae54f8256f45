//! Numbering: a channel whose publisher counts, so that a plain number is a cursor.

use crampon_tests::stage::Listening;

use super::*;

/// What a table's rows are said on.
const ROWS: Channel = Channel::new("rows").numbered().history(3);

/// Reads the rows.
#[action(transport = websocket | sse | long_polling, subscribe = ROWS)]
struct Rows;

#[callbacks]
impl Rows {}

fn house_of(rows: impl IntoIterator<Item = u64>) -> World {
    let world = World::new(Routes::new().at("/", || Rows));
    for row in rows {
        publish(&world, row);
    }
    world
}

fn publish(world: &World, row: u64) {
    world.publish(ROWS, Event::new(format!("row {row}")).id(row));
}

/// The gap one is told who came with a cursor.
fn gap(reason: &str, after: &str) -> String {
    format!(r#"{{"reason":"{reason}","after":"{after}"}}"#)
}

#[test]
fn a_plain_number_is_a_cursor_and_the_ids_are_those_that_were_given() {
    for way in WAYS {
        let world = house_of([1, 2, 5, 9]);
        for (cursor, rows, last) in [("2", &["row 5", "row 9"][..], "9"), ("7", &["row 9"], "9")] {
            let mut cursor = cursor.to_owned();
            let mut reader = world.visit(way.visit("/", &cursor));
            let said = heard(&mut reader, &mut cursor);
            assert_eq!((&*texts(&said), &*cursor), (rows, last), "{way:?}");
        }
        let mut reader = world.visit(way.visit("/", "9"));
        assert!(heard(&mut reader, &mut String::new()).is_empty(), "{way:?}");
        publish(&world, 10);
        assert_eq!(texts(&heard(&mut reader, &mut String::new())), ["row 10"], "{way:?}");
    }
}

#[test]
fn a_newcomer_is_told_the_number_it_stands_at() {
    let world = house_of([7]);
    let mut newcomer = world.visit(Way::Socket.visit("/", ""));
    newcomer.expect_render(r#"{"id":"7"}"#);
    let mut poll = world.get("/");
    poll.advance(Duration::from_secs(25)).expect_status(204);
    poll.expect_header("last-event-id", "7").expect_header("etag", "\"7\"");
}

#[test]
fn what_is_no_longer_kept_is_told() {
    for way in WAYS {
        let world = house_of([1, 2, 3, 4, 5]);
        for (cursor, is_gap) in [("1", true), ("2", false), ("0", true)] {
            let mut reader = world.visit(way.visit("/", cursor));
            let said = heard(&mut reader, &mut String::new());
            let told = if is_gap { vec![gap("expired", cursor)] } else { vec![] };
            let kept = ["row 3", "row 4", "row 5"].map(str::to_owned);
            assert_eq!(texts(&said), [told, kept.to_vec()].concat(), "{way:?} after {cursor}");
        }
    }
}

#[test]
fn a_cursor_from_before_the_first_number_a_server_knows_has_a_gap_after_it() {
    for way in WAYS {
        // The table had rows before this server was started.
        let world = house_of([20, 21]);
        for (cursor, rows) in [("19", &["row 20", "row 21"][..]), ("20", &["row 21"])] {
            let mut reader = world.visit(way.visit("/", cursor));
            assert_eq!(texts(&heard(&mut reader, &mut String::new())), rows, "{way:?}");
        }
        let mut reader = world.visit(way.visit("/", "5"));
        let said = heard(&mut reader, &mut String::new());
        assert_eq!(texts(&said), [&gap("expired", "5"), "row 20", "row 21"], "{way:?}");
    }
}

#[test]
fn a_number_that_is_still_to_come_and_what_is_no_number_are_told() {
    for way in WAYS {
        for (cursor, reason) in [("4", "epoch"), ("abc-1", "epoch"), ("three", "malformed")] {
            let world = house_of([1, 2, 3]);
            let mut reader = world.visit(way.visit("/", cursor));
            let said = heard(&mut reader, &mut String::new());
            assert_eq!(texts(&said), [gap(reason, cursor)], "{way:?}");
        }
    }
}

#[test]
fn a_poll_that_is_told_a_gap_alone_goes_on_after_it() {
    let world = house_of([1, 2, 3, 4, 5]);
    let mut told = world.get("/?last-event-id=1");
    told.expect_render(&gap("expired", "1"));
    let cursor = told.header("last-event-id").expect("it says where to go on");
    world.get(&format!("/?last-event-id={cursor}")).expect_render("row 3");
}

#[test]
fn a_number_that_is_not_above_the_last_is_not_said() {
    let world = house_of([5]);
    let mut reader = world.visit(Way::Events.visit("/", ""));
    for row in [5, 4, 6, 6] {
        publish(&world, row);
    }
    assert_eq!(texts(&heard(&mut reader, &mut String::new())), ["row 6"]);
}

#[test]
fn who_came_before_the_first_row_goes_on_where_it_stood() {
    for way in WAYS {
        let world = house_of([]);
        let mut reader = world.visit(way.visit("/", ""));
        if way == Way::Poll {
            reader.advance(Duration::from_secs(25)).expect_status(204);
        }
        let mut cursor = String::new();
        heard(&mut reader, &mut cursor);
        reader.hang_up();
        publish(&world, 7);
        let mut reader = world.visit(way.visit("/", &cursor));
        assert_eq!(texts(&heard(&mut reader, &mut String::new())), ["row 7"], "{way:?}");
    }
}

#[test]
fn where_no_number_is_known_none_is_believed_but_zero() {
    for way in WAYS {
        for (cursor, said) in [("0", vec![]), ("7", vec![gap("epoch", "7")])] {
            let world = house_of([]);
            let mut reader = world.visit(way.visit("/", cursor));
            assert_eq!(texts(&heard(&mut reader, &mut String::new())), said, "{way:?}");
            let first_heard = way != Way::Poll || said.is_empty();
            publish(&world, 1);
            let heard = heard(&mut reader, &mut String::new());
            assert_eq!(!heard.is_empty(), first_heard, "{way:?}");
        }
    }
}

#[test]
fn to_hear_another_history_beside_the_numbers_is_said_to_be_a_mistake() {
    #[action(transport = websocket, subscribe = [ROWS, NEWS])]
    struct Mixed;

    #[callbacks]
    impl Mixed {}

    let listening = Listening::listen();
    let world = World::new(Routes::new().at("/mixed", || Mixed).at("/", || Rows));
    let _rows = world.socket("/");
    assert!(listening.lines_with("cannot be told apart").is_empty());
    let _mixed = world.socket("/mixed");
    listening.expect_line(&["cannot be told apart"]);
}
