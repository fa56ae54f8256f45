//! Who is reached, and by what: parameters and where they come from, everybody at once (what an
//! unmerged change to Cramp wanted: its test 24), and many connections.

use crampon::prelude::*;
use crampon::protocol::websocket::masked;
use crampon::trial::{Trial, Visit, World};

use super::Diary;

/// Frames as a client sends them, ready to arrive in one piece.
pub(super) fn masked_texts(texts: &[&str]) -> Vec<u8> {
    let mut frames = Vec::new();
    for text in texts {
        masked::encode_text(&mut frames, [1, 2, 3, 4], text);
    }
    frames
}

/// Answers with the parameter `id`, wherever it comes from.
#[action(transport = regular)]
struct Named;

#[callbacks]
impl Named {
    #[on_start]
    fn answer(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        let id: String = cx.param("id")?;
        cx.render(id);
        cx.finish();
        Ok(())
    }
}

#[test]
fn the_route_beats_the_form_and_the_form_beats_the_query() {
    let routes = Routes::new().at("/{id}", || Named).post("/", || Named).post("/{id}", || Named);
    let world = World::new(routes);
    let form =
        |target| Visit::new("POST".parse().expect("a method"), target).form(&[("id", "form")]);
    for (visit, id) in [
        (Visit::get("/route?id=query"), "route"),
        (form("/route?id=query"), "route"),
        (form("/?id=query"), "form"),
        (Visit::post("/?id=query", ""), "query"),
    ] {
        world.visit(visit.clone()).expect_status(200).expect_render(id);
    }
}

/// A viewer of whatever is new.
#[action(transport = websocket | sse)]
struct Viewer;

#[callbacks]
impl Viewer {
    #[on_start]
    fn join(&mut self, cx: &mut Context<Self>) {
        cx.subscribe("news");
    }
}

/// Test 24.
#[test]
fn what_is_new_is_pushed_to_every_live_instance() {
    let world = World::new(Routes::new().at("/", || Viewer));
    let mut viewers = [world.socket("/"), world.events("/"), world.events("/")];
    world.publish("news", "it is spring");
    for viewer in &mut viewers {
        viewer.expect_render("it is spring");
    }
    viewers[1].hang_up();
    world.publish("news", "it is summer");
    viewers[0].expect_render("it is summer");
    viewers[1].expect_nothing();
    viewers[2].expect_render("it is summer");
}

#[test]
fn a_thousand_viewers_hear_the_same_and_leave_nothing_behind() {
    #[action(transport = sse)]
    struct Counted {
        _presence: Rc<()>,
    }

    #[callbacks]
    impl Counted {
        #[on_start]
        fn join(&mut self, cx: &mut Context<Self>) {
            cx.subscribe("news");
        }
    }

    let presence = Rc::new(());
    let recipe = {
        let presence = presence.clone();
        move || Counted { _presence: presence.clone() }
    };
    let world = World::new(Routes::new().at("/", recipe));
    let mut viewers: Vec<Trial> = (0..1_000).map(|_| world.events("/")).collect();
    assert_eq!(Rc::strong_count(&presence), 1_002);
    world.publish("news", "first");
    let (left, right) = viewers.split_at_mut(500);
    for viewer in left {
        viewer.expect_render("first").hang_up();
    }
    assert_eq!(Rc::strong_count(&presence), 502);
    world.publish("news", "second");
    for viewer in right {
        viewer.expect_render("first").expect_render("second").expect_nothing();
    }
    // They are seen out at a pace.
    world.stop().advance(Duration::from_secs(1));
    assert!(world.is_over());
    assert_eq!(Rc::strong_count(&presence), 1, "the routes are gone with the server");
}

#[test]
fn a_body_is_handed_over_once_whatever_pieces_it_arrives_in() {
    #[action(transport = regular)]
    struct Upload(Diary);

    #[callbacks]
    impl Upload {
        #[on_data]
        fn received(&mut self, _cx: &mut Context<Self>, text: &str) {
            self.0.note(text);
        }
    }

    let diary = Diary::default();
    let recipe = {
        let diary = diary.clone();
        move || Upload(diary.clone())
    };
    let world = World::new(Routes::new().at("/", recipe));
    world.post("/", "in one piece").expect_status(204);
    let upload = world.visit(Visit::get("/missing"));
    for piece in ["POST / HTTP/1.1\r\nhost: a\r\ncontent-", "length: 9\r\n\r\nin ", "pieces"] {
        upload.send_bytes(piece.as_bytes());
    }
    world.post("/", "").expect_status(204);
    assert_eq!(diary.read(), ["in one piece", "in pieces", ""]);
}
