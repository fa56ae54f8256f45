//! Numbered channels: the publisher's numbers are the cursors, and outlive the server.

use super::*;

/// Rows of a table that is older than any server.
const ROWS: Channel = Channel::new("rows").history(100).numbered();

/// Hears the rows.
#[action(transport = websocket | sse | long_polling, subscribe = ROWS)]
struct Rows;

#[callbacks]
impl Rows {}

fn rows(world: &World, numbers: impl IntoIterator<Item = u64>) {
    for number in numbers {
        world.publish(ROWS, Event::new(format!("row {number}")).id(number));
    }
}

#[test]
fn a_number_from_before_the_first_row_of_a_server_has_a_gap_after_it() {
    for way in WAYS {
        for (cursor, is_gap) in [("5", true), ("6", false), ("7", false)] {
            let world = World::new(Routes::new().at("/", || Rows));
            rows(&world, [7, 8]);
            let mut reader = world.visit(way.visit("/", cursor));
            let said = heard(&mut reader, &mut String::new());
            let gap = said.iter().any(|said| said.event == "crampon.gap");
            assert_eq!(gap, is_gap, "{way:?} after {cursor}");
            assert_eq!(texts(&said).last(), Some(&"row 8"), "{way:?} after {cursor}");
        }
    }
}

#[test]
fn who_came_before_the_first_row_goes_on_where_it_stood() {
    // A browser keeps an id that comes without an event, where it does not show here.
    for way in [Way::Socket, Way::Poll] {
        let world = World::new(Routes::new().at("/", || Rows));
        let mut reader = world.visit(way.visit("/", ""));
        if way == Way::Poll {
            reader.advance(Duration::from_secs(25)).expect_status(204);
        }
        let mut cursor = String::new();
        heard(&mut reader, &mut cursor);
        reader.hang_up();
        rows(&world, [7]);
        let mut reader = world.visit(way.visit("/", &cursor));
        assert_eq!(texts(&heard(&mut reader, &mut String::new())), ["row 7"], "{way:?}");
    }
}

#[test]
fn where_no_number_is_known_none_is_believed() {
    for way in WAYS {
        for cursor in ["0", "7", "abc-1"] {
            let world = World::new(Routes::new().at("/", || Rows));
            let mut reader = world.visit(way.visit("/", cursor));
            let said = heard(&mut reader, &mut String::new());
            let gap = format!(r#"{{"reason":"epoch","after":"{cursor}"}}"#);
            assert_eq!(texts(&said), [gap], "{way:?}");
        }
    }
}
