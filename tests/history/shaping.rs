//! Shaping: an action that filters or reshapes its messages passes their cursors on.

use super::*;

/// Says nothing of dull news, and twice what matters.
#[action(transport = websocket | sse | long_polling, subscribe = NEWS)]
struct Editor;

#[callbacks]
impl Editor {
    #[on_message]
    fn edit(&mut self, cx: &mut Context<Self>, message: &Message) {
        let text = message.as_text().unwrap_or_default();
        if text.starts_with("dull") {
            return;
        }
        cx.render(Event::new(format!("now: {text}")).named("headline"));
        cx.render(message);
    }
}

fn press() -> World {
    World::new(Routes::new().at("/", || Editor))
}

#[test]
fn the_last_event_said_for_a_message_carries_its_cursor() {
    for way in [Way::Socket, Way::Events] {
        let world = press();
        let mut reader = world.visit(way.visit("/", ""));
        let mut cursor = String::new();
        world.publish(NEWS, "rain");
        let first = heard(&mut reader, &mut cursor);
        assert_eq!(texts(&first), ["now: rain", "rain"], "{way:?}");
        assert_ne!(first[0].id, first[1].id, "only the last has the cursor");
        reader.hang_up();
        world.publish(NEWS, "dull one").publish(NEWS, "sun").publish(NEWS, "dull two");
        let mut reader = world.visit(way.visit("/", &cursor));
        let said = heard(&mut reader, &mut cursor);
        assert_eq!(texts(&said), ["now: sun", "sun"], "{way:?}");
    }
}

#[test]
fn a_poll_gets_all_that_is_said_for_what_is_pending() {
    let world = press();
    let mut cursor = String::new();
    let mut reader = world.visit(Way::Poll.visit("/", ""));
    world.publish(NEWS, "dull").publish(NEWS, "rain");
    assert_eq!(texts(&heard(&mut reader, &mut cursor)), ["now: rain", "rain"]);
    world.publish(NEWS, "sun").publish(NEWS, "dull").publish(NEWS, "snow");
    let mut reader = world.visit(Way::Poll.visit("/", &cursor));
    let said = heard(&mut reader, &mut cursor);
    assert_eq!(texts(&said), ["now: sun", "sun", "now: snow", "snow"]);
    assert_eq!(said.iter().filter(|said| said.id.is_some()).count(), 2);
}

#[test]
fn a_keep_alive_moves_the_cursor_on_though_all_was_filtered_out() {
    let world = press();
    let mut cursor = String::new();
    let mut reader = world.visit(Way::Socket.visit("/", ""));
    heard(&mut reader, &mut cursor);
    let before = cursor.clone();
    world.publish(NEWS, "dull");
    assert!(heard(&mut reader, &mut cursor).is_empty());
    assert_eq!(cursor, before);
    reader.advance(Duration::from_secs(25));
    assert!(heard(&mut reader, &mut cursor).is_empty());
    assert_ne!(cursor, before);
}

#[test]
fn an_id_of_ones_own_is_an_error_where_events_have_cursors() {
    #[action(transport = websocket | sse, subscribe = NEWS)]
    struct Counter;

    #[callbacks]
    impl Counter {
        #[on_message]
        fn count(&mut self, cx: &mut Context<Self>, _: &Message) {
            cx.render(Event::new("one more").id(7));
        }
    }

    let world = World::new(Routes::new().at("/", || Counter));
    let mut viewers = [Way::Socket, Way::Events].map(|way| world.visit(way.visit("/", "")));
    world.publish(NEWS, "x");
    for viewer in &mut viewers {
        viewer.expect_finish(FinishReason::Failed);
    }
}
