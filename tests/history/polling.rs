//! Polling: one event or all that is pending, now or when there is one, and the place to go on.

use super::*;

/// Hears the news after the parameter `after`, in batches.
#[action(transport = long_polling, poll_timeout = "5s")]
struct Poller;

#[callbacks]
impl Poller {
    #[on_start]
    fn join(&mut self, cx: &mut Context<Self>) {
        let after = cx.param_text("after").unwrap_or_default().into_owned();
        cx.batch();
        cx.subscribe(NEWS.after(after));
    }
}

fn houses() -> World {
    World::new(Routes::new().at("/", || Reader).at("/batch", || Poller))
}

/// A poll by one who has heard all up to `cursor`, or by a newcomer if that is empty.
fn poll(cursor: &str) -> Visit {
    match cursor {
        "" => Visit::get("/"),
        cursor => Visit::get("/").header("last-event-id", cursor),
    }
}

/// Where a poll that is answered has left its client.
fn place(poll: &Trial) -> String {
    let cursor = poll.header("last-event-id").expect("an answer says where its client stands");
    assert_eq!(poll.header("etag"), Some(format!("\"{cursor}\"")));
    cursor
}

/// The place of a client whose first poll ended with nothing.
fn place_of_newcomer(world: &World) -> String {
    let mut newcomer = world.visit(poll(""));
    newcomer.advance(Duration::from_secs(25)).expect_status(204).expect_end();
    place(&newcomer)
}

#[test]
fn a_poll_is_answered_with_one_event_as_it_is() {
    let world = houses();
    let mut cursor = place_of_newcomer(&world);
    let mut waiting = world.visit(poll(&cursor));
    waiting.expect_nothing();
    world.publish(NEWS, Event::new("one").named("n")).publish(NEWS, "two").publish(NEWS, "three");
    waiting.expect_status(200).expect_render("one");
    cursor = place(&waiting);
    for text in ["two", "three"] {
        let mut next = world.visit(poll(&cursor));
        next.expect_status(200).expect_header("cache-control", "no-store").expect_render(text);
        cursor = place(&next);
    }
    world.visit(poll(&cursor)).expect_nothing();
}

#[test]
fn who_accepts_json_gets_all_that_is_pending() {
    let world = houses();
    let mut cursor = place_of_newcomer(&world);
    world.publish(NEWS, Event::new("one").named("n")).publish(NEWS, Event::json(&[2]));
    let mut all = world.visit(poll(&cursor).header("accept", "application/json"));
    all.expect_status(200).expect_header("content-type", "application/json");
    assert_eq!(place(&all), {
        let said = heard(&mut all, &mut cursor);
        assert_eq!(texts(&said), ["one", "[2]"]);
        assert_eq!((&*said[0].event, &*said[1].event), ("n", "message"));
        cursor.clone()
    });
    let mut waiting = world.visit(poll(&cursor).header("accept", "application/json"));
    waiting.expect_nothing();
    world.publish(NEWS, "three");
    assert_eq!(texts(&heard(&mut waiting, &mut cursor)), ["three"]);
}

#[test]
fn a_batch_is_bounded_and_the_next_goes_on() {
    let world = houses();
    let mut cursor = place_of_newcomer(&world);
    let long = "x".repeat(5_000);
    for number in 0..20 {
        world.publish(NEWS, format!("{number} {long}"));
    }
    let (mut polls, mut numbers) = (0, Vec::new());
    while numbers.len() < 20 {
        polls += 1;
        assert!(polls <= 20, "every poll brings something");
        let mut next = world.visit(poll(&cursor).header("accept", "application/json"));
        let said = heard(&mut next, &mut cursor);
        assert!(said.len() < 20, "a batch is a part");
        numbers.extend(said.iter().map(|said| said.data.split(' ').next().map(str::to_owned)));
    }
    let expected: Vec<_> = (0..20).map(|number| Some(number.to_string())).collect();
    assert_eq!(numbers, expected);
}

#[test]
fn an_empty_poll_ends_after_its_time_and_says_where_its_client_stands() {
    let world = houses();
    world.publish(NEWS, "before");
    for (target, seconds) in [("/", 25), ("/batch", 5)] {
        let mut newcomer = world.get(target);
        newcomer.advance(Duration::from_secs(seconds - 1)).expect_nothing();
        newcomer.advance(Duration::from_secs(1)).expect_status(204).expect_end();
        let cursor = place(&newcomer);
        world.publish(NEWS, target);
        world.visit(poll(&cursor)).expect_status(200).expect_render(target);
    }
}

/// Hears only what is loud, and goes when it has waited for a second.
#[action(transport = long_polling, subscribe = NEWS)]
struct Impatient;

#[callbacks]
impl Impatient {
    #[on_start]
    fn wait(&mut self, cx: &mut Context<Self>) {
        cx.after(Duration::from_secs(1), |_, cx| cx.finish());
    }

    #[on_message]
    fn heard(&mut self, cx: &mut Context<Self>, message: &Message) {
        match message.as_text() {
            Some("loud") => cx.render(message),
            Some("last") => cx.finish(),
            _ => {}
        }
    }
}

#[test]
fn a_poll_its_action_ends_says_where_its_client_stands() {
    let world = World::new(Routes::new().at("/", || Impatient));
    let mut newcomer = world.visit(poll(""));
    world.publish(NEWS, "low");
    newcomer.advance(Duration::from_secs(1)).expect_status(204);
    let low = place(&newcomer);
    let mut next = world.visit(poll(&low));
    next.advance(Duration::from_secs(1)).expect_status(204);
    assert_eq!(place(&next), low, "nothing was said since");
    let mut ended = world.visit(poll(&low));
    world.publish(NEWS, "last").publish(NEWS, "loud");
    ended.expect_status(204).expect_end();
    world.visit(poll(&place(&ended))).expect_render("loud");
}

#[test]
fn a_poll_that_ends_on_hearing_a_message_does_not_skip_what_was_said_with_it() {
    /// Says two things at once.
    #[action(transport = regular)]
    struct Speaker;

    #[callbacks]
    impl Speaker {
        #[on_start]
        fn speak(&mut self, cx: &mut Context<Self>) {
            cx.publish(NEWS, "last");
            cx.publish(NEWS, "loud");
            cx.finish();
        }
    }

    let world = World::new(Routes::new().at("/", || Impatient).at("/speak", || Speaker));
    let mut ended = world.visit(poll(""));
    world.get("/speak").expect_status(200);
    ended.expect_status(204).expect_end();
    world.visit(poll(&place(&ended))).expect_render("loud");
}

#[test]
fn the_time_of_empty_polls_can_be_set_for_the_server() {
    let world = World::with(Routes::new().at("/", || Reader), |server| {
        server.limits(|limits| limits.poll_timeout = Duration::from_secs(3))
    });
    world.get("/").advance(Duration::from_secs(3)).expect_status(204);
}

#[test]
fn a_plain_poller_asks_with_a_tag_and_does_not_wait() {
    let world = houses();
    let cursor = place_of_newcomer(&world);
    let ask = |tag: &str| world.visit(Visit::get("/").header("if-none-match", tag));
    let tag = format!("\"{cursor}\"");
    let mut nothing = ask(&tag);
    nothing.expect_status(304).expect_end();
    assert_eq!(nothing.header("etag").as_ref(), Some(&tag));
    world.publish(NEWS, "one").publish(NEWS, "two");
    for text in ["one", "two"] {
        // A client that answered from its cache has the old tag, and hears it again.
        for _ in 0..2 {
            ask(&tag).expect_status(200).expect_render(text);
        }
        let mut next = ask(&format!("W/{tag}"));
        next.expect_status(200).expect_render(text);
        let tag = next.header("etag").expect("an event moves the tag on");
        if text == "two" {
            ask(&tag).expect_status(304);
        } else {
            ask(&tag).expect_status(200).expect_render("two");
            break;
        }
    }
    let mut all = world
        .visit(Visit::get("/").header("if-none-match", &tag).header("accept", "application/json"));
    assert_eq!(texts(&heard(&mut all, &mut String::new())), ["one", "two"]);
}

#[test]
fn a_newcomer_with_an_empty_tag_is_told_at_once_where_it_stands() {
    let world = houses();
    world.publish(NEWS, "before");
    let ask = |tag: &str| world.visit(Visit::get("/").header("if-none-match", tag));
    let mut newcomer = ask("\"\"");
    newcomer.expect_status(304).expect_end();
    let tag = newcomer.header("etag").expect("it has a place");
    world.publish(NEWS, "after");
    ask(&tag).expect_status(200).expect_render("after");
}

#[test]
fn a_tag_of_another_log_is_told_at_once_and_then_is_up_to_date() {
    let world = houses();
    world.publish(NEWS, "before");
    let ask = |tag: &str| world.visit(Visit::get("/").header("if-none-match", tag));
    let mut told = ask("\"abc-7\"");
    told.expect_status(200).expect_render(r#"{"reason":"epoch","after":"abc-7"}"#);
    let tag = told.header("etag").expect("it says where its client stands now");
    ask(&tag).expect_status(304);
}

#[test]
fn the_state_of_a_poll_is_in_its_cursor_and_nowhere_else() {
    let world = houses();
    let first = place_of_newcomer(&world);
    world.publish(NEWS, "one").publish(NEWS, "two");
    let mut one = world.visit(poll(&first));
    one.expect_render("one");
    let second = place(&one);
    // Whatever connection it comes on, and however often: the same question has the same answer.
    for _ in 0..3 {
        world.visit(poll(&first)).expect_render("one");
        world.visit(poll(&second)).expect_render("two");
    }
    one.expect_end().again(poll(&first)).expect_render("one");
    one.expect_end().again(poll(&second)).expect_render("two");
    // And nobody who stays away is remembered.
    world.visit(poll(&second)).expect_render("two").hang_up();
    world.advance(Duration::from_secs(60));
    world.visit(poll(&second)).expect_render("two");
}

#[test]
fn a_cursor_is_taken_from_the_header_the_query_or_the_tag_in_this_order() {
    let world = houses();
    let first = place_of_newcomer(&world);
    world.publish(NEWS, "one").publish(NEWS, "two").publish(NEWS, "three");
    let mut cursors = vec![first];
    for text in ["one", "two"] {
        let mut next = world.visit(poll(&cursors[cursors.len() - 1]));
        next.expect_render(text);
        cursors.push(place(&next));
    }
    let [zero, one, two] = &cursors[..] else { panic!("three places") };
    let target = |cursor: &str| format!("/?last-event-id={cursor}");
    let tag = format!("\"{zero}\"");
    for (visit, text) in [
        (poll(two), "three"),
        (Visit::get(&target(one)).header("last-event-id", two), "three"),
        (Visit::get(&target(one)).header("if-none-match", &tag), "two"),
        (poll(one).header("if-none-match", &tag), "two"),
        (Visit::get("/").header("if-none-match", &tag), "one"),
    ] {
        world.visit(visit).expect_status(200).expect_render(text);
    }
}

#[test]
fn an_action_can_say_itself_where_its_viewer_goes_on() {
    let world = houses();
    let mut cursor = place_of_newcomer(&world);
    let first = cursor.clone();
    world.publish(NEWS, "one").publish(NEWS, "two");
    let after = |cursor: &str| world.get(&format!("/batch?after={cursor}"));
    let mut all = after(&cursor);
    assert_eq!(texts(&heard(&mut all, &mut cursor)), ["one", "two"]);
    after(&cursor).advance(Duration::from_secs(5)).expect_status(204);
    // It goes before what the request says.
    let both = Visit::get(&format!("/batch?after={first}")).header("last-event-id", &cursor);
    assert_eq!(texts(&heard(&mut world.visit(both), &mut cursor.clone())), ["one", "two"]);
    // An empty one is none.
    let mut newcomer = after("");
    newcomer.expect_nothing();
    let mut lost = after("elsewhere-1");
    let said = heard(&mut lost, &mut String::new());
    assert_eq!(texts(&said), [r#"{"reason":"malformed","after":"elsewhere-1"}"#]);
}

/// Opens the archive later, where its reader left it; the reader's own cursor goes on with the
/// news.
#[action(transport = sse, subscribe = NEWS)]
struct Archive;

const LETTERS: Channel = Channel::new("letters").history(10);

#[callbacks]
impl Archive {
    #[on_start]
    fn open(&mut self, cx: &mut Context<Self>) {
        let left = cx.param_text("left").unwrap_or_default().into_owned();
        cx.after(Duration::from_secs(1), move |_, cx| cx.subscribe(LETTERS.after(&left)));
    }
}

/// Tells the cursors of letters.
#[action(transport = sse, subscribe = LETTERS)]
struct Postman;

#[callbacks]
impl Postman {}

#[test]
fn a_channel_joined_later_goes_on_after_a_cursor_that_was_kept() {
    let routes = Routes::new().at("/", || Archive).at("/letters", || Postman);
    let world = World::new(routes);
    let mut letters = world.events("/letters");
    world.publish(LETTERS, "a");
    let Some(Heard::Event { id: left, .. }) = letters.heard().pop() else { panic!("a letter") };
    world.publish(LETTERS, "b").publish(LETTERS, "c");
    let mut reader = world.events(&format!("/?left={left}"));
    world.publish(NEWS, "now");
    let mut cursor = String::new();
    assert_eq!(texts(&heard(&mut reader, &mut cursor)), ["now"]);
    let mut later = cursor.clone();
    reader.advance(Duration::from_secs(1));
    assert_eq!(texts(&heard(&mut reader, &mut later)), ["b", "c"]);
    assert_eq!(later, cursor, "letters from before do not take the viewer back");
    world.publish(LETTERS, "d");
    assert_eq!(texts(&heard(&mut reader, &mut later)), ["d"]);
    assert_ne!(later, cursor);
}

/// Text is a page, as in Cramp; a value is not, or a browser would run what is in it.
#[test]
fn a_raw_poll_says_that_a_published_value_is_json() {
    let world = houses();
    let cursor = place_of_newcomer(&world);
    world.publish(NEWS, Event::json(&["<b>"]));
    let mut read = world.visit(poll(&cursor));
    read.expect_header("content-type", "application/json").expect_render(r#"["<b>"]"#);
    let cursor = place(&read);
    let mut told = world.visit(poll(&cursor));
    world.publish(NEWS, Event::json(&7));
    told.expect_header("content-type", "application/json").expect_render("7");
    let mut text = world.visit(poll(&place(&told)));
    world.publish(NEWS, "<b>");
    text.expect_header("content-type", "text/plain; charset=utf-8").expect_render("<b>");
}
