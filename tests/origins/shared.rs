//! CORS: what scripts of pages of other origins may read, and what they are told before they ask.

use crampon::prelude::*;
use crampon::trial::{Trial, Visit, World};
use crampon_tests::{Host, Request};

use super::ELSEWHERE;

const APP: &str = "https://app.example";

/// Every transport of HTTP, for one app with its viewer's cookies.
#[action(
    transport = chunked | sse | long_polling | regular,
    cors(
        origins = "https://app.example",
        credentials,
        headers = "x-token" | "x-page",
        exposed = "x-total",
        max_age = "10m"
    )
)]
struct Shared;

#[callbacks]
impl Shared {
    #[before_start]
    fn check(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        match &*cx.param_or("be", String::new())? {
            "halted" => Err(Halt::new(401, "who are you?").header("www-authenticate", "Basic")),
            "own" => {
                cx.set_header("access-control-allow-origin", "https://own.example");
                cx.set_header("vary", "accept");
                Ok(())
            }
            "broken" => panic!("as the test wants it"),
            _ => Ok(()),
        }
    }

    #[on_start]
    fn answer(&mut self, cx: &mut Context<Self>) {
        cx.render("said");
        cx.finish();
    }

    #[on_data]
    fn heard(&mut self, cx: &mut Context<Self>, _text: &str) -> Result<(), Halt> {
        cx.param("must").map(|_: String| ())
    }
}

/// For everybody, without cookies.
#[action(transport = websocket | sse, cors(origins = any))]
struct Public;

#[callbacks]
impl Public {
    #[on_data]
    fn heard(&mut self, _cx: &mut Context<Self>, _text: &str) {}
}

/// For the pages that may speak to it, cookies and all.
#[action(transport = websocket | sse, origins = "https://app.example", cors(credentials))]
struct OneWord;

#[callbacks]
impl OneWord {}

/// Shares nothing, whatever the server does.
#[action(transport = regular, cors(origins = own))]
struct Private;

#[callbacks]
impl Private {
    #[on_start]
    fn answer(&mut self, cx: &mut Context<Self>) {
        cx.finish();
    }
}

/// Declares nothing.
#[action(transport = regular)]
struct Plain;

#[callbacks]
impl Plain {
    #[on_start]
    fn answer(&mut self, cx: &mut Context<Self>) {
        cx.finish();
    }
}

/// One transport of [`Shared`] a path.
fn routes() -> Routes {
    Routes::new()
        .at("/shared", || Shared)
        .at("/public", || Public)
        .at("/one", || OneWord)
        .get("/private", || Private)
        .get("/plain", || Plain)
        .delete("/plain", || Plain)
        .client("/crampon.js")
        .files("/files", concat!(env!("CARGO_MANIFEST_DIR"), "/ui"))
}

fn world() -> World {
    World::new(routes())
}

fn sharing_world() -> World {
    World::with(routes(), |server| server.cors(Cors::new([APP]).headers("x-token")))
}

/// What is said about who may read: the values of the headers that are for it, and of `Vary`.
fn said(answer: &Trial) -> Vec<String> {
    let headers = answer.headers().into_iter();
    let is_about = |name: &str| name.starts_with("access-control-") || name == "vary";
    headers
        .filter(|(name, _)| is_about(name))
        .map(|(name, value)| format!("{}: {value}", name.trim_start_matches("access-control-")))
        .collect()
}

const EXPOSED: &str = "expose-headers: etag, last-event-id, retry-after";

/// What [`Shared`] says to the app.
const TO_APP: [&str; 5] = [
    "allow-origin: https://app.example",
    "vary: Origin",
    "allow-credentials: true",
    EXPOSED,
    "expose-headers: x-total",
];

#[test]
fn every_answer_over_http_says_who_may_read_it() {
    let world = world();
    for (what, visit, status) in [
        ("events", Visit::events("/shared"), 200),
        ("a page", Visit::get("/shared"), 200),
        ("its head", Visit::new(http::Method::HEAD, "/shared"), 200),
        ("a post", Visit::post("/shared?must=1", "word"), 204),
        ("a halt", Visit::get("/shared?be=halted"), 401),
        ("a halt of a post", Visit::post("/shared", "word"), 400),
        ("a failure", Visit::get("/shared?be=broken"), 500),
        ("a body that is too long", Visit::post("/shared", vec![b'a'; 3 << 20]), 413),
        ("a form that is none", Visit::post("/shared", "a=\u{e4}"), 400),
    ] {
        let answer = world.visit(visit.header("origin", APP).header("cookie", "a=b"));
        assert_eq!(answer.status(), Some(status), "{what}");
        assert_eq!(said(&answer), TO_APP, "{what}");
    }
}

#[test]
fn each_transport_says_it() {
    #[action(transport = chunked, cors(origins = "https://app.example"))]
    struct Chunks;

    #[callbacks]
    impl Chunks {}

    #[action(transport = long_polling, cors(origins = "https://app.example"))]
    struct Poll;

    #[callbacks]
    impl Poll {
        #[on_start]
        fn answer(&mut self, cx: &mut Context<Self>) {
            cx.render("news");
        }
    }

    let world = World::new(Routes::new().at("/chunks", || Chunks).at("/poll", || Poll));
    for visit in [
        Visit::get("/chunks"),
        Visit::get("/poll"),
        Visit::get("/poll").header("accept", "application/json"),
    ] {
        let answer = world.visit(visit.header("origin", APP));
        assert_eq!(said(&answer), ["allow-origin: https://app.example", "vary: Origin", EXPOSED]);
    }
}

#[test]
fn who_may_not_read_is_told_that_the_answer_varies() {
    let world = world();
    for origin in [Some(ELSEWHERE), Some("null"), Some("https://app.example.evil"), None] {
        let visit = Visit::get("/shared");
        let visit = match origin {
            Some(origin) => visit.header("origin", origin),
            None => visit,
        };
        let answer = world.visit(visit);
        assert_eq!((answer.status(), said(&answer)), (Some(200), vec!["vary: Origin".to_owned()]));
    }
}

#[test]
fn what_everybody_may_read_is_a_star_and_never_with_cookies() {
    // Which pages may speak is the server's word here, and that is: all.
    let cors = Cors { origins: None, ..Cors::new(Origins::Any).credentials() };
    let world = World::with(routes(), move |server| server.origins(Origins::Any).cors(cors));
    for (path, origin) in
        [("/plain", Some(APP)), ("/plain", Some("null")), ("/plain", None), ("/public", Some(APP))]
    {
        let visit = Visit::get(path);
        let answer = world.visit(match origin {
            Some(origin) => visit.header("origin", origin),
            None => visit,
        });
        assert_eq!(said(&answer), ["allow-origin: *", EXPOSED], "{path} {origin:?}");
    }
}

#[test]
fn an_actions_own_word_counts_and_varies_further() {
    let answer = world().visit(Visit::get("/shared?be=own").header("origin", APP));
    let said = said(&answer);
    assert!(said.contains(&"allow-origin: https://own.example".to_owned()), "{said:?}");
    assert!(!said.contains(&TO_APP[0].to_owned()), "{said:?}");
    assert!(said.contains(&"vary: accept".to_owned()), "{said:?}");
    assert!(said.contains(&"vary: Origin".to_owned()), "{said:?}");
}

#[test]
fn who_may_read_is_let_in_and_with_cookies_only_if_those_are_shared() {
    let world = world();
    let cookie = |visit: Visit| visit.header("cookie", "session=7");
    for (what, visit, status) in [
        ("events", Visit::events("/public"), 200),
        ("events with cookies", cookie(Visit::events("/public")), 403),
        ("a post", Visit::post("/public", "word"), 204),
        ("a post with cookies", cookie(Visit::post("/public", "word")), 403),
        // A socket has cookies or may have them, and CORS does not keep what it says from a page.
        ("a socket", Visit::socket("/public"), 403),
        ("shared events with cookies", cookie(Visit::events("/shared")), 200),
        ("a shared post with cookies", cookie(Visit::post("/shared?must=1", "word")), 204),
        ("one word for events", cookie(Visit::events("/one")), 200),
        ("one word for a socket", cookie(Visit::socket("/one")), 101),
    ] {
        let answer = world.visit(visit.header("origin", APP));
        assert_eq!(answer.status(), Some(status), "{what}");
    }
    let one = world.visit(Visit::events("/one").header("origin", APP));
    assert_eq!(said(&one), &TO_APP[..4]);
}

/// A browser's question before a request.
fn preflight(world: &World, path: &str, origin: &str, method: &str) -> Trial {
    let visit = Visit::new(http::Method::OPTIONS, path)
        .header("origin", origin)
        .header("access-control-request-method", method)
        .header("access-control-request-headers", "x-token");
    world.visit(visit)
}

#[test]
fn a_preflight_is_answered_without_an_action() {
    let asked = preflight(&world(), "/shared?be=halted", APP, "POST");
    assert_eq!(asked.status(), Some(204));
    assert_eq!(
        said(&asked),
        [
            "allow-methods: GET, HEAD, POST",
            "allow-headers: content-type, if-none-match, last-event-id",
            "max-age: 600",
            "allow-headers: x-token, x-page",
            TO_APP[0],
            TO_APP[1],
            TO_APP[2],
            TO_APP[3],
            TO_APP[4],
        ]
    );
}

#[test]
fn a_preflight_is_answered_by_what_its_request_would_find() {
    for (world, path, origin, method, status) in [
        (world(), "/shared", APP, "GET", 204),
        (world(), "/shared", APP, "HEAD", 204),
        (world(), "/shared", ELSEWHERE, "POST", 403),
        (world(), "/shared", "null", "POST", 403),
        (world(), "/public", ELSEWHERE, "POST", 204),
        (world(), "/shared", APP, "DELETE", 405),
        (world(), "/shared", APP, "no method", 405),
        (world(), "/plain", APP, "DELETE", 405),
        (world(), "/private", APP, "GET", 405),
        (world(), "/nowhere", APP, "GET", 404),
        (sharing_world(), "/plain", APP, "DELETE", 204),
        (sharing_world(), "/plain", ELSEWHERE, "DELETE", 403),
        (sharing_world(), "/private", APP, "GET", 405),
        (sharing_world(), "/files/no_action.rs", APP, "GET", 204),
        (sharing_world(), "/crampon.js", APP, "GET", 204),
        (sharing_world(), "/nowhere", APP, "GET", 404),
    ] {
        let asked = preflight(&world, path, origin, method);
        assert_eq!(asked.status(), Some(status), "{method} {path} from {origin}");
    }
}

#[test]
fn options_that_are_no_preflight_are_a_method_like_any_other() {
    let world = world();
    let options = || Visit::new(http::Method::OPTIONS, "/shared");
    for visit in [
        options(),
        options().header("origin", APP),
        options().header("access-control-request-method", "GET"),
    ] {
        world.visit(visit).expect_status(405).expect_header("allow", "GET, HEAD, POST");
    }
    let own = Routes::new().method(http::Method::OPTIONS, "/", || Plain).get("/", || Shared);
    let world = World::new(own);
    let mut answer = preflight(&world, "/", APP, "GET");
    answer.expect_status(200);
    assert_eq!(said(&answer), [""; 0], "a route of its own answers as it likes");
}

/// Files are read on another thread, so this server is a real one.
#[test]
fn a_server_shares_for_its_files_and_for_actions_that_do_not_say() {
    let host = Host::serve_with(|server| server.cors(Cors::new([APP])), routes);
    let to_app = (APP, "Origin", &EXPOSED["expose-headers: ".len()..]);
    for (method, path, status, expected) in [
        ("GET", "/plain", 200, to_app),
        ("GET", "/files/no_action.rs", 200, to_app),
        ("HEAD", "/files/no_action.rs", 200, to_app),
        ("POST", "/files/no_action.rs", 405, to_app),
        ("GET", "/files/none", 404, to_app),
        ("GET", "/crampon.js", 200, to_app),
        ("GET", "/nowhere", 404, to_app),
        ("GET", "/private", 200, ("", "", "")),
    ] {
        let method = method.parse().expect("it is a method");
        let request = Request::new(method, path).header("origin", APP);
        let answer = host.connect().ask(&request);
        let [origin, vary, exposed] =
            ["access-control-allow-origin", "vary", "access-control-expose-headers"]
                .map(|name| answer.header(name));
        assert_eq!((answer.status(), (origin, vary, exposed)), (status, expected), "{path}");
    }
}
