//! A body that comes in one read with its head is heard as the action begins, with no seat and no
//! inbox; whoever wants it later, or not at all, must not be able to tell.
//!
//! So each request here, with another behind it, is sent in one piece, cut in two everywhere and
//! byte by byte: what the action lives through and what its client reads is always the same.

use std::net::SocketAddr;
use std::time::Duration;

use crampon::Server;
use crampon::prelude::*;
use crampon::reactor::{Reactor, Simulation};
use crampon_tests::stage::Diary;

/// Makes actions of class bodies; each has a diary.
macro_rules! actions {
    ($($(#[doc = $doc:literal])* $name:ident($($setting:tt)*) { $($body:tt)* })*) => { $(
        $(#[doc = $doc])*
        #[action($($setting)*)]
        #[allow(dead_code, reason = "some write nothing down")]
        struct $name(Diary);

        #[callbacks]
        impl $name { $($body)* }
    )* };
}

actions! {
    /// Says back what it hears.
    Echo(transport = regular) {
        #[on_start]
        fn begin(&mut self, _: &mut Context<Self>) {
            self.0.note("begins");
        }

        #[on_data]
        fn hear(&mut self, cx: &mut Context<Self>, body: &[u8]) {
            self.0.note(format!("hears {:?}", body.escape_ascii().to_string()));
            cx.render(body);
            cx.finish();
        }

        #[on_finish]
        fn end(&mut self, cx: &mut Context<Self>) {
            self.0.note(format!("ends: {}", cx.finish_reason()));
        }
    }

    /// Is done before it has heard anything.
    Hasty(transport = regular) {
        #[on_start]
        fn begin(&mut self, cx: &mut Context<Self>) {
            cx.render("enough");
            cx.finish();
        }

        #[on_data]
        fn hear(&mut self, _: &mut Context<Self>, _: &[u8]) {
            self.0.note("hears");
        }
    }

    /// Has begun to speak when it hears the rest.
    Talkative(transport = regular) {
        #[on_start]
        fn begin(&mut self, cx: &mut Context<Self>) {
            cx.set_header("x-mood", "good");
            cx.render("I heard: ");
        }

        #[on_data]
        fn hear(&mut self, cx: &mut Context<Self>, text: &str) {
            cx.render(text);
            cx.finish();
        }
    }

    /// Hears two callbacks' worth, of which the first ends it.
    Two(transport = regular) {
        #[on_data]
        fn first(&mut self, cx: &mut Context<Self>, _: &[u8]) {
            self.0.note("first");
            cx.finish();
        }

        #[on_data]
        fn second(&mut self, _: &mut Context<Self>, _: &[u8]) {
            self.0.note("second");
        }
    }

    /// Hears what is sent as it comes.
    Scales(transport = regular) {
        #[on_data(stream)]
        fn weigh(&mut self, cx: &mut Context<Self>, part: Part<'_>) {
            for byte in part.bytes {
                self.0.note(byte);
            }
            if part.is_last {
                self.0.note("all");
                cx.finish();
            }
        }
    }

    /// Wants to hear it a little later.
    Paused(transport = regular) {
        #[on_start]
        fn begin(&mut self, cx: &mut Context<Self>) {
            cx.pause();
            cx.after(MOMENT, |paused, cx| {
                paused.0.note("resumes");
                cx.resume();
            });
        }

        #[on_data]
        fn hear(&mut self, cx: &mut Context<Self>, text: &str) {
            self.0.note("hears");
            cx.render(text);
            cx.finish();
        }
    }

    /// Has its client checked first.
    Held(transport = regular) {
        #[before_start]
        fn check(&mut self, cx: &mut Context<Self>) {
            cx.hold();
            cx.after(MOMENT, |held, cx| {
                held.0.note("proceeds");
                cx.proceed();
            });
        }

        #[on_data]
        fn hear(&mut self, cx: &mut Context<Self>, text: &str) {
            cx.render(text);
            cx.finish();
        }
    }

    /// Takes nothing from anybody.
    Guarded(transport = regular) {
        #[before_start]
        fn refuse(&mut self, _: &mut Context<Self>) -> Result<(), Halt> {
            Err(Halt::new(401, "who are you?"))
        }

        #[on_data]
        fn hear(&mut self, _: &mut Context<Self>, _: &[u8]) {
            self.0.note("hears");
        }
    }

    /// Fails to make anything of it.
    Failing(transport = regular) {
        #[on_data]
        fn hear(&mut self, _: &mut Context<Self>, text: &str) -> Result<(), String> {
            self.0.note("hears");
            Err(format!("nobody says {text}"))
        }

        #[on_finish]
        fn end(&mut self, cx: &mut Context<Self>) {
            self.0.note(format!("ends: {}", cx.finish_reason()));
        }
    }

    /// Makes too much of it.
    Panicking(transport = regular) {
        #[on_data]
        fn hear(&mut self, _: &mut Context<Self>, text: &str) {
            self.0.note("hears");
            panic!("somebody said {text}");
        }
    }

    /// Takes numbers.
    Adder(transport = regular) {
        #[on_data]
        fn hear(&mut self, cx: &mut Context<Self>, number: Json<u32>) {
            cx.render(Event::json(&(number.0 + 1)));
            cx.finish();
        }
    }

    /// Has a thread think about it.
    Thinker(transport = regular) {
        #[on_data]
        fn hear(&mut self, cx: &mut Context<Self>, text: &str) {
            let text = text.to_owned();
            cx.defer(move || text).then(|thinker, cx, text: Result<String, DeferError>| {
                thinker.0.note("has thought");
                cx.render(text.unwrap_or_default());
                cx.finish();
            });
        }

        #[on_finish]
        fn end(&mut self, cx: &mut Context<Self>) {
            self.0.note(format!("ends: {}", cx.finish_reason()));
        }
    }

    /// Tells others, and speaks on.
    Crier(transport = regular) {
        #[on_data]
        fn hear(&mut self, cx: &mut Context<Self>, text: &str) {
            cx.publish("square", text);
            cx.render("one, ");
            cx.after(MOMENT, |_, cx| {
                cx.render("two");
                cx.finish();
            });
        }
    }

    /// Answers by and by, and takes no body.
    Deaf(transport = regular) {
        #[on_start]
        fn begin(&mut self, cx: &mut Context<Self>) {
            cx.after(MOMENT, |_, cx| {
                cx.render("deaf");
                cx.finish();
            });
        }
    }

    /// Says back what it hears while it speaks.
    Stream(transport = chunked) {
        #[on_start]
        fn begin(&mut self, cx: &mut Context<Self>) {
            cx.render("I listen. ");
        }

        #[on_data]
        fn hear(&mut self, cx: &mut Context<Self>, text: &str) {
            cx.render(text);
            cx.finish();
        }
    }

    /// Answers with what it hears, if that is in time.
    Poll(transport = long_polling) {
        #[on_data]
        fn hear(&mut self, cx: &mut Context<Self>, text: &str) {
            cx.render(text);
        }
    }

    /// Knows the fields of a form before it begins.
    Form(transport = regular) {
        #[before_start]
        fn check(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
            self.0.note(cx.param::<String>("name")?);
            Ok(())
        }

        #[on_data]
        fn hear(&mut self, cx: &mut Context<Self>, text: &str) {
            cx.render(text);
            cx.finish();
        }
    }
}

/// Takes little.
#[action(transport = regular, body_bytes_max = 3)]
struct Narrow(Diary);

#[callbacks]
impl Narrow {
    #[on_data]
    fn hear(&mut self, cx: &mut Context<Self>, _: &[u8]) {
        self.0.note("hears");
        cx.finish();
    }
}

/// How long whoever is not done at once takes.
const MOMENT: Duration = Duration::from_millis(5);

fn routes(diary: &Diary) -> Routes {
    macro_rules! posts {
        ($($path:literal => $action:ident),* $(,)?) => {
            Routes::new()$(.post($path, {
                let diary = diary.clone();
                move || $action(diary.clone())
            }))*
        };
    }
    let upstream = diary.clone();
    posts! {
        "/echo" => Echo, "/hasty" => Hasty, "/talkative" => Talkative, "/two" => Two,
        "/scales" => Scales, "/paused" => Paused, "/held" => Held, "/guarded" => Guarded,
        "/failing" => Failing, "/panicking" => Panicking, "/adder" => Adder,
        "/thinker" => Thinker, "/crier" => Crier, "/narrow" => Narrow, "/deaf" => Deaf,
        "/stream" => Stream, "/poll" => Poll, "/form" => Form,
    }
    .get("/metrics", Metrics::new)
    .post("/broken", || -> Echo { panic!("there is none of it") })
    .at("/upstream", move || Echo(upstream.clone()))
}

/// A server of all of them on a simulated network.
struct House {
    reactor: Reactor,
    simulation: Simulation,
    address: SocketAddr,
    diary: Diary,
}

/// What there is to tell of a request.
#[derive(Debug, PartialEq, Eq)]
struct Story {
    lived: Vec<String>,
    read: String,
    has_ended: bool,
}

impl House {
    fn new() -> Self {
        Self::with_limits(|_| ())
    }

    fn with_limits(set: impl FnOnce(&mut Limits)) -> Self {
        let (mut reactor, simulation) = Reactor::simulated(7);
        let listener = simulation.listen(([10, 0, 0, 1], 80).into()).expect("the address is free");
        let address = listener.local_addr().expect("it listens");
        let diary = Diary::default();
        let server = Server::on(listener).limits(set);
        server.attach(&mut reactor, routes(&diary)).expect("they can be served");
        Self { reactor, simulation, address, diary }
    }

    /// Sends the pieces one after the other, and tells what came of it.
    fn tell<'p>(&mut self, pieces: impl IntoIterator<Item = &'p [u8]>) -> Story {
        let peer = self.simulation.connect(self.address).expect("the server listens");
        for piece in pieces {
            peer.send(piece);
            self.reactor.advance(Duration::ZERO).expect("the loop comes to rest");
        }
        self.reactor.advance(10 * MOMENT).expect("the loop comes to rest");
        let read = String::from_utf8_lossy(&peer.receive()).into_owned();
        let read = read.lines().filter(|line| !line.starts_with("date: "));
        // A goodbye is said when a tick settles, be that before the next request or after it.
        let (ends, mut lived): (Vec<_>, Vec<_>) =
            self.diary.read().into_iter().partition(|entry| entry.starts_with("ends: "));
        lived.extend(ends);
        Story { lived, read: read.collect::<Vec<_>>().join("\n"), has_ended: peer.has_finished() }
    }
}

/// A request with this body, and one behind it.
fn request(method: &str, path: &str, headers: &str, body: &str) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nHost: t\r\n{headers}Content-Length: {}\r\n\r\n{body}\
         POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 4\r\n\r\nnext",
        body.len()
    )
}

/// However a request is cut, it is one story, which is told.
#[track_caller]
fn story(house: &mut House, request: &str) -> Story {
    let bytes = request.as_bytes();
    let behind_head = request.find("\r\n\r\n").expect("it has a head") + 4;
    let right = house.tell([&bytes[..behind_head], &bytes[behind_head..]]);
    assert_eq!(house.tell([bytes]), right, "in one piece: {request}");
    assert_eq!(house.tell(bytes.chunks(1)), right, "byte by byte: {request}");
    for cut in 1..bytes.len() {
        let (one, other) = bytes.split_at(cut);
        assert_eq!(house.tell([one, other]), right, "cut at {cut}: {request}");
    }
    right
}

const PATHS: &[&str] = &[
    "/echo",
    "/hasty",
    "/two",
    "/scales",
    "/paused",
    "/held",
    "/guarded",
    "/failing",
    "/panicking",
    "/adder",
    "/thinker",
    "/crier",
    "/narrow",
    "/deaf",
    "/stream",
    "/poll",
    "/form",
    "/broken",
    "/upstream",
    "/nowhere",
];

const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";

#[test]
fn however_a_body_comes_it_is_heard_in_the_same_way() {
    let mut house = House::new();
    for path in PATHS {
        for (headers, body) in [("", "hello"), ("", "7"), ("", ""), (FORM, "name=Ada")] {
            story(&mut house, &request("POST", path, headers, body));
        }
    }
}

#[test]
fn whatever_else_a_request_says_its_body_is_heard_in_the_same_way() {
    let mut house = House::new();
    for path in ["/echo", "/hasty", "/guarded", "/nowhere", "/deaf", "/form"] {
        for method in ["GET", "PUT", "DELETE"] {
            story(&mut house, &request(method, path, "", "hello"));
        }
        for headers in ["Connection: close\r\n", "Expect: 100-continue\r\n"] {
            story(&mut house, &request("POST", path, headers, "hello"));
            story(&mut house, &request("POST", path, &format!("{FORM}{headers}"), "name=Ada"));
        }
    }
}

#[test]
fn requests_that_are_alike_are_answered_as_if_each_came_alone() {
    let mut house = House::new();
    let post = |path: &str, body: &str| {
        let bytes = body.len();
        format!("POST {path} HTTP/1.1\r\nHost: t\r\nContent-Length: {bytes}\r\n\r\n{body}")
    };
    let requests = [
        post("/echo", "hi"),
        post("/echo", "ho"),
        post("/echo", "hi!"),
        format!("\r\n{}", post("/echo", "hi")),
        post("/hasty", "hi"),
        post("/held", "hi"),
        post("/upstream", ""),
        "GET /nowhere HTTP/1.1\r\nHost: t\r\n\r\n".to_owned(),
        "GET /nowhere HTTP/1.0\r\n\r\n".to_owned(),
    ];
    for first in &requests {
        for second in &requests {
            for third in &requests {
                let alone = [first, second, third, second, second];
                let together = alone.map(String::as_str).concat();
                let right = house.tell(alone.map(|request| request.as_bytes()));
                assert_eq!(house.tell([together.as_bytes()]), right, "{together}");
                let (one, other) = together.as_bytes().split_at(together.len() / 2);
                assert_eq!(house.tell([one, other]), right, "in two pieces: {together}");
            }
        }
    }
}

#[test]
fn what_was_rendered_before_a_body_that_is_there_goes_out_with_the_rest() {
    let mut house = House::new();
    let request = request("POST", "/talkative", "", "hello");
    let (head, behind) = request.split_at(request.find("hello").expect("it is said"));
    for (pieces, framing, body) in [
        (&[&*request][..], "content-length: 14", "\n\nI heard: hello"),
        (&[head, behind], "transfer-encoding: chunked", "\n\n9\nI heard: \n5\nhello\n0\n\n"),
    ] {
        let story = house.tell(pieces.iter().map(|piece| piece.as_bytes()));
        assert!(story.read.contains(&format!("{framing}{body}")), "{}", story.read);
    }
}

#[test]
fn what_comes_of_a_body_is_what_its_action_says() {
    let mut house = House::new();
    for (path, body, lived, statuses) in [
        ("/echo", "hello", &["begins", "hears \"hello\"", "ends: finished"][..], &[200][..]),
        ("/upstream", "", &["hears \"\""], &[200]),
        ("/two", "hello", &["first"], &[200]),
        ("/hasty", "hello", &[], &[200]),
        ("/scales", "a", &["97", "all"], &[200]),
        ("/paused", "hello", &["resumes", "hears"], &[200]),
        ("/held", "hello", &["proceeds"], &[200]),
        ("/failing", "hello", &["hears", "ends: failed"], &[500]),
        ("/thinker", "hello", &["has thought", "ends: finished"], &[200]),
        ("/adder", "x", &[], &[400]),
        ("/guarded", "hello", &[], &[401]),
        ("/narrow", "hello", &[], &[413]),
    ] {
        let request = request("POST", path, "", body);
        let (alone, _) = request.rsplit_once("POST /echo").expect("another is behind it");
        let story = story(&mut house, alone);
        assert_eq!(story.lived, lived, "{path}");
        let answers = story.read.match_indices("HTTP/1.1 ");
        let answers = answers.map(|(at, start)| &story.read[at + start.len()..][..3]);
        let answers: Vec<u16> = answers.map(|it| it.parse().expect("a status")).collect();
        assert_eq!(answers, statuses, "{path}: {}", story.read);
    }
}

#[test]
fn at_every_limit_a_body_is_heard_in_the_same_way() {
    let mut house = House::with_limits(|limits| {
        limits.discard_bytes_max = 12;
        limits.body_bytes_max = 10;
        limits.form_bytes_max = 8;
    });
    for path in ["/echo", "/hasty", "/narrow", "/scales", "/guarded", "/deaf", "/stream", "/form"] {
        for bytes in [2, 3, 4, 7, 8, 9, 10, 11, 12, 13] {
            let body = format!("name={}", "x".repeat(20));
            for headers in ["", FORM] {
                story(&mut house, &request("POST", path, headers, &body[..bytes]));
            }
        }
    }
}

#[test]
fn however_a_body_comes_the_figures_are_the_same() {
    for path in PATHS {
        for (headers, body) in [("", "hello"), ("", ""), (FORM, "name=Ada")] {
            let request = request("POST", path, headers, body);
            let behind_head = request.find("\r\n\r\n").expect("it has a head") + 4;
            let (head, behind) = request.split_at(behind_head);
            let figures = [&[&*request][..], &[head, behind]].map(|pieces| {
                let mut house = House::new();
                house.tell(pieces.iter().map(|piece| piece.as_bytes()));
                let told = house.tell([&b"GET /metrics HTTP/1.1\r\nHost: t\r\n\r\n"[..]]).read;
                let lines = told.lines().filter(|line| line.starts_with("crampon_"));
                let depends = ["seconds", "process", "loop", "memory"];
                let lines = lines.filter(|line| !depends.iter().any(|it| line.contains(it)));
                let mut lines: Vec<String> = lines.map(str::to_owned).collect();
                // Of callbacks the slowest come first.
                lines.sort_unstable();
                lines
            });
            assert!(figures[0].len() > 20, "{figures:?}");
            assert_eq!(figures[0], figures[1], "{request}");
        }
    }
}
