//! Dropping: what a slow reader does not get it is told of, before it hears anything later.

use super::*;

const FIRST: Channel = Channel::new("first").history(100).overflow(Overflow::DropNewest);
const LAST: Channel = Channel::new("last").history(100).overflow(Overflow::DropOldest);

/// Hears both.
#[action(transport = websocket | sse, subscribe = [FIRST, LAST], outbox_bytes_max = 95)]
struct Reader;

#[callbacks]
impl Reader {}

#[test]
fn what_is_dropped_is_told_before_anything_later_is_heard() {
    for way in [Way::Socket, Way::Events] {
        let world = World::new(Routes::new().at("/", || Reader));
        let mut reader = world.visit(way.visit("/", ""));
        heard(&mut reader, &mut String::new());
        reader.wire().set_window(Some(0));
        world.publish(LAST, "under way");
        // For two there is room; the last takes that of the first.
        world.publish(LAST, "a").publish(FIRST, "b").publish(FIRST, "c").publish(LAST, "d");
        reader.wire().set_window(None);
        world.advance(Duration::ZERO);
        let said = heard(&mut reader, &mut String::new());
        let gap = r#"{"reason":"dropped","dropped":2}"#;
        assert_eq!(texts(&said), ["under way", gap, "b", "d"], "{way:?}");
    }
}
