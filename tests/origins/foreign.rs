//! What a page of another site is refused: sockets, streams, and what changes something.

use std::cell::Cell;

use crampon::prelude::*;
use crampon::trial::{Trial, Visit, World};

use super::{ELSEWHERE, UPGRADE, asked, asked_with, logged};

/// Says what it hears, to the pages of this server.
#[action(transport = websocket | sse)]
struct Own;

#[callbacks]
impl Own {
    #[on_data]
    fn heard(&mut self, cx: &mut Context<Self>, text: &str) {
        cx.render(text);
    }
}

/// The same to everybody.
#[action(transport = websocket | sse, origins = any)]
struct Open;

#[callbacks]
impl Open {
    #[on_data]
    fn heard(&mut self, _cx: &mut Context<Self>, _text: &str) {}
}

/// The same to some.
#[action(transport = websocket | sse, origins = "https://app.example" | "https://*.ours.example")]
struct Listed;

#[callbacks]
impl Listed {
    #[on_data]
    fn heard(&mut self, _cx: &mut Context<Self>, _text: &str) {}
}

/// To the pages of this server, whatever that says.
#[action(transport = websocket | sse, origins = own)]
struct Closed;

#[callbacks]
impl Closed {}

/// A page, and what is posted to it.
#[action(transport = regular)]
struct Page;

#[callbacks]
impl Page {
    #[on_start]
    fn show(&mut self, cx: &mut Context<Self>) {
        cx.render("a page");
        cx.finish();
    }

    #[on_data]
    fn heard(&mut self, _cx: &mut Context<Self>, _text: &str) {}
}

/// A poll.
#[action(transport = long_polling)]
struct Poll;

#[callbacks]
impl Poll {
    #[on_start]
    fn answer(&mut self, cx: &mut Context<Self>) {
        cx.render("news");
    }
}

/// A body that arrives in parts.
#[action(transport = chunked)]
struct Chunks;

#[callbacks]
impl Chunks {}

fn routes() -> Routes {
    Routes::new()
        .at("/own", || Own)
        .at("/open", || Open)
        .at("/listed", || Listed)
        .at("/closed", || Closed)
        .at("/page", || Page)
        .at("/poll", || Poll)
        .at("/chunks", || Chunks)
        .put("/put", || Page)
        .delete("/delete", || Page)
}

/// The status a socket at `path` is answered with, asked for by a page of `origin`.
fn status(world: &World, path: &str, host: &str, origin: Option<&str>) -> Option<u16> {
    let origin = origin.map_or(String::new(), |origin| format!("origin: {origin}\n"));
    let head = format!("GET {path} HTTP/1.1\nhost: {host}\n{UPGRADE}{origin}");
    asked(world, &head).status()
}

#[test]
fn a_socket_is_for_pages_of_the_host_it_is_asked_of() {
    let world = World::new(routes());
    for (host, origin, expected) in [
        ("a.example", None, 101),
        ("a.example", Some("http://a.example"), 101),
        ("a.example", Some("https://a.example"), 101),
        ("A.EXAMPLE", Some("https://a.Example"), 101),
        ("a.example:80", Some("http://a.example"), 101),
        ("a.example:443", Some("https://a.example"), 101),
        ("a.example", Some("http://a.example:80"), 101),
        ("a.example", Some("https://a.example:443"), 101),
        ("a.example:3000", Some("http://a.example:3000"), 101),
        ("[::1]:3000", Some("http://[::1]:3000"), 101),
        ("xn--mnchen-3ya.example", Some("https://xn--mnchen-3ya.example"), 101),
        ("a.example", Some(ELSEWHERE), 403),
        ("a.example", Some("http://a.example:3000"), 403),
        ("a.example:3000", Some("http://a.example"), 403),
        ("a.example:443", Some("http://a.example"), 403),
        ("a.example", Some("http://b.a.example"), 403),
        ("a.example", Some("http://a.example.elsewhere.example"), 403),
        ("[::1]:3000", Some("http://[::2]:3000"), 403),
        ("a.example", Some("null"), 403),
        ("a.example", Some(""), 403),
        ("a.example", Some("a.example"), 403),
        ("a.example", Some("http://a.example/"), 403),
        ("a.example", Some("http://me@a.example"), 403),
        ("a.example", Some("http://a.example, http://b.example"), 403),
        ("a.example", Some("http://a.example\norigin: https://elsewhere.example"), 403),
        ("a.example", Some("chrome-extension://a.example"), 403),
        ("a.example", Some("file://"), 403),
        ("", Some("http://a.example"), 403),
    ] {
        let answered = status(&world, "/own", host, origin);
        assert_eq!(answered, Some(expected), "{host:?} {origin:?}");
    }
}

#[test]
fn an_action_says_whose_pages_may_speak_to_it_and_else_the_server_does() {
    let listed = ["https://friend.example"];
    let servers: [(&str, World); 3] = [
        ("own", World::new(routes())),
        ("listed", World::with(routes(), move |server| server.origins(listed))),
        ("any", World::with(routes(), |server| server.origins(Origins::Any))),
    ];
    for (path, origin, expected) in [
        ("/own", "http://a.example", [101, 101, 101]),
        ("/own", "https://friend.example", [403, 101, 101]),
        ("/own", ELSEWHERE, [403, 403, 101]),
        ("/own", "null", [403, 403, 101]),
        ("/open", ELSEWHERE, [101, 101, 101]),
        ("/open", "null", [101, 101, 101]),
        ("/open", "no origin", [101, 101, 101]),
        ("/listed", "http://a.example", [101, 101, 101]),
        ("/listed", "https://app.example", [101, 101, 101]),
        ("/listed", "https://deep.down.ours.example", [101, 101, 101]),
        ("/listed", "https://ours.example", [403, 403, 403]),
        ("/listed", "https://friend.example", [403, 403, 403]),
        ("/listed", "http://app.example", [403, 403, 403]),
        ("/closed", "https://friend.example", [403, 403, 403]),
        ("/closed", "http://a.example", [101, 101, 101]),
    ] {
        for ((name, world), expected) in servers.iter().zip(expected) {
            let answered = status(world, path, "a.example", Some(origin));
            assert_eq!(answered, Some(expected), "{path} from {origin}, {name}");
        }
    }
}

#[test]
fn a_page_of_another_site_is_refused_what_it_does_by_asking_alone() {
    let world = World::new(routes());
    let foreign = |visit: Visit| world.visit(visit.header("origin", ELSEWHERE)).status();
    for (what, visit, expected) in [
        ("a socket", Visit::socket("/own"), 403),
        ("events", Visit::events("/own"), 403),
        ("the head of events", Visit::new(http::Method::HEAD, "/own"), 403),
        ("chunks", Visit::get("/chunks"), 403),
        ("to post", Visit::post("/own", "word"), 403),
        ("to post to a page", Visit::post("/page", "word"), 403),
        ("to put", Visit::new(http::Method::PUT, "/put").body("word"), 403),
        ("to delete", Visit::new(http::Method::DELETE, "/delete"), 403),
        // Its browser keeps the answers from it, and they change nothing.
        ("a page", Visit::get("/page"), 200),
        ("a poll", Visit::get("/poll"), 200),
        // Nobody is told what is not there.
        ("nothing", Visit::post("/nowhere", ""), 404),
        ("another method", Visit::post("/poll", ""), 405),
    ] {
        assert_eq!(foreign(visit), Some(expected), "{what}");
    }
    let answer = world.visit(Visit::get("/page").header("origin", ELSEWHERE));
    assert_eq!(answer.header("access-control-allow-origin"), None);
}

#[test]
fn a_refusal_comes_before_anything_is_made_and_costs_the_connection_nothing() {
    let made = Rc::new(Cell::new(0));
    let counting = made.clone();
    let routes = Routes::new().at("/", move || {
        counting.set(counting.get() + 1);
        Page
    });
    let world = World::new(routes);
    let head = format!(
        "POST / HTTP/1.1\nhost: a.example\norigin: {ELSEWHERE}\n\
                        content-type: application/x-www-form-urlencoded\n"
    );
    let mut refused = asked_with(&world, &head, "a=b");
    refused.expect_status(403);
    refused.expect_header("content-type", "text/plain; charset=utf-8");
    refused
        .expect_render("a page of `https://elsewhere.example` may not speak to `a.example` here\n");
    refused.expect_end();
    assert_eq!(made.get(), 0);
    refused.again(Visit::get("/")).expect_status(200).expect_render("a page");
    assert_eq!(made.get(), 1);
}

#[test]
fn a_form_that_waits_to_be_asked_for_is_not_asked_for() {
    let world = World::new(routes());
    let mut refused = asked(
        &world,
        &format!(
            "POST /page HTTP/1.1\nhost: a\norigin: {ELSEWHERE}\nexpect: 100-continue\n\
                  content-length: 100\n"
        ),
    );
    refused.expect_status(403).expect_header("connection", "close");
}

/// A form of a page under `Referrer-Policy: no-referrer` has the origin `null`, though it is our
/// own; only the browser knows, and says it where no script can.
#[test]
fn a_nameless_form_of_our_own_page_is_taken_and_nothing_else_nameless() {
    let world = World::new(routes());
    let form = |site: &str| {
        let visit = Visit::post("/page", "word").header("origin", "null");
        let visit = if site.is_empty() { visit } else { visit.header("sec-fetch-site", site) };
        world.visit(visit).status()
    };
    assert_eq!(form("same-origin"), Some(204));
    for site in ["", "same-site", "cross-site", "none"] {
        assert_eq!(form(site), Some(403), "{site:?}");
    }
    let socket = Visit::socket("/own").header("origin", "null");
    let mut socket = world.visit(socket.header("sec-fetch-site", "same-origin"));
    socket.expect_status(403);
    let named = Visit::post("/page", "word").header("origin", ELSEWHERE);
    world.visit(named.header("sec-fetch-site", "same-origin")).expect_status(403);
}

/// A page that shows a stream as an image or a script sends no `Origin`, and holds it open.
#[test]
fn a_stream_shown_by_another_site_is_refused_and_one_that_is_linked_to_is_not() {
    let world = World::new(routes());
    for (path, site, mode, expected) in [
        ("/own", "cross-site", "no-cors", 403),
        ("/own", "same-site", "no-cors", 403),
        ("/chunks", "cross-site", "no-cors", 403),
        ("/open", "cross-site", "no-cors", 200),
        ("/page", "cross-site", "no-cors", 200),
        ("/chunks", "same-origin", "no-cors", 200),
        ("/chunks", "none", "navigate", 200),
        ("/chunks", "cross-site", "navigate", 200),
        ("/own", "same-origin", "cors", 200),
    ] {
        let visit = Visit::get(path).header("sec-fetch-site", site).header("sec-fetch-mode", mode);
        assert_eq!(world.visit(visit).status(), Some(expected), "{path} {site} {mode}");
    }
}

#[test]
fn who_sends_no_origin_is_no_page_of_another_site() {
    let world = World::new(routes());
    for visit in [Visit::socket("/closed"), Visit::events("/closed"), Visit::get("/chunks")] {
        let mut served: Trial = world.visit(visit);
        assert!(matches!(served.status(), Some(101 | 200)));
        served.expect_no_finish();
    }
    world.visit(Visit::post("/page", "word")).expect_status(204);
}

#[test]
fn a_refusal_is_told_to_who_debugs() {
    let world = World::new(routes());
    let line = logged("foreign", || {
        world.visit(Visit::socket("/own").header("origin", ELSEWHERE)).expect_status(403);
    });
    assert!(line.contains("DEBUG") && line.contains(ELSEWHERE), "{line}");
    assert!(line.contains("action=\"Own\"") && line.contains("trial.test"), "{line}");
}
