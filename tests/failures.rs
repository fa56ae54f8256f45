//! Errors and panics: what the client sees, what the log says, and that nobody else is harmed.

use std::time::Duration;

use crampon::action::{Action, Declaration};
use crampon::prelude::*;
use crampon::transport::Transport;
use crampon_tests::{Answer, Diary, Frame, Host, Pen, Socket, WIRES, declared, diary, opening};

/// Fails where its request's header `fail` says.
struct Fails<const WIRE: usize> {
    pen: Pen,
}

impl<const WIRE: usize> Action for Fails<WIRE> {
    const DECLARATION: Declaration = declared("Fails", WIRE);
}

const BEFORE_START_LINE: u32 = line!() + 5;

#[callbacks]
impl<const WIRE: usize> Fails<WIRE> {
    #[before_start]
    fn check(&mut self, cx: &mut Context<Self>) -> Result<(), String> {
        fail_at("before_start", cx)
    }

    #[on_start]
    fn begin(&mut self, cx: &mut Context<Self>) -> Result<(), String> {
        cx.set_header("x-mood", "hopeful");
        if cx.transport() != Transport::LongPolling {
            cx.render("so far so good");
        }
        fail_at("on_start", cx)?;
        cx.after(Duration::from_millis(1), |_, cx| {
            fail_at("after", cx).unwrap_or_else(|error| panic!("{error}"));
        });
        Ok(())
    }

    #[on_finish]
    fn left(&mut self, cx: &mut Context<Self>) {
        self.pen.write(cx.finish_reason());
    }
}

/// Fails if it is asked to fail here: by an error, or by a panic.
fn fail_at<A: Action>(place: &str, cx: &Context<A>) -> Result<(), String> {
    match cx.header("fail") {
        Some(wish) if wish == format!("{place} panic") => panic!("<b>no</b> more bananas"),
        Some(wish) if wish == place => Err("<b>no</b> more bananas".to_owned()),
        _ => Ok(()),
    }
}

fn host(is_development: bool) -> (Host, Diary) {
    let (pen, diary) = diary();
    let set_up = move |server: Server| server.development(is_development);
    let host = Host::serve_with(set_up, move || {
        let pen = move || pen.clone();
        let pens = [(); 5].map(|()| pen.clone());
        let [regular, chunked, sse, long_polling, websocket] = pens;
        Routes::new()
            .at("/regular", move || Fails::<0> { pen: regular() })
            .at("/chunked", move || Fails::<1> { pen: chunked() })
            .at("/sse", move || Fails::<2> { pen: sse() })
            .at("/long_polling", move || Fails::<3> { pen: long_polling() })
            .at("/websocket", move || Fails::<4> { pen: websocket() })
            .at("/recipe", || -> Never { panic!("the recipe is lost") })
    });
    (host, diary)
}

/// The request for an action on this wire, with a wish where to fail.
fn wishing(transport: Transport, wish: &str) -> Vec<u8> {
    let mut request = opening(transport);
    request.truncate(request.len() - 2);
    request.extend_from_slice(format!("fail: {wish}\r\n\r\n").as_bytes());
    request
}

fn answer(host: &Host, transport: Transport, wish: &str) -> Answer {
    let mut browser = host.connect();
    browser.send(wishing(transport, wish));
    browser.answer()
}

#[action(transport = regular)]
struct Never;

#[callbacks]
impl Never {}

#[test]
fn a_failure_before_the_head_is_a_500_on_every_wire() {
    let (host, diary) = host(false);
    let mut goodbyes = 0;
    for transport in WIRES {
        for wish in ["before_start", "before_start panic", "on_start", "on_start panic"] {
            let has_head = wish.starts_with("on_start") && is_stream(transport);
            if has_head {
                continue;
            }
            let answer = answer(&host, transport, wish);
            assert_eq!(answer.status(), 500, "{transport} {wish}");
            assert_eq!(answer.text(), "Something went wrong\n");
            assert_eq!(answer.header("x-mood"), "", "what was prepared is discarded");
            goodbyes += usize::from(wish.starts_with("on_start"));
        }
    }
    drop(host);
    assert_eq!(diary.rest(), vec!["failed"; goodbyes], "only who had started says goodbye");
}

fn is_stream(transport: Transport) -> bool {
    !matches!(transport, Transport::Regular | Transport::LongPolling)
}

#[test]
fn a_failure_before_the_head_leaves_the_connection_to_the_next_request() {
    let (host, _) = host(false);
    let mut browser = host.connect();
    for transport in [Transport::Regular, Transport::Sse, Transport::Regular] {
        browser.send(wishing(transport, "before_start panic"));
        assert_eq!(browser.answer().status(), 500, "{transport}");
    }
}

#[test]
fn a_failure_after_the_head_ends_the_answer_as_its_wire_shows_it() {
    for wish in ["on_start", "on_start panic", "after panic"] {
        let (host, diary) = host(false);
        let ask = |transport| {
            let mut browser = host.connect();
            browser.send(wishing(transport, wish));
            browser
        };

        let mut chunked = ask(Transport::Chunked);
        assert_eq!(chunked.head().status(), 200);
        assert_eq!(chunked.take_all(), b"e\r\nso far so good\r\n", "no last chunk");

        let mut sse = ask(Transport::Sse);
        assert_eq!(sse.head().status(), 200);
        assert_eq!(sse.take_all(), b"data: so far so good\n\n", "the stream ends");

        let mut websocket = ask(Transport::Websocket);
        assert_eq!(websocket.head().status(), 101);
        let mut socket = Socket::on(websocket);
        assert_eq!(socket.text(), "so far so good");
        assert_eq!(socket.receive().code(), Some(1011));
        socket.close(1011, "");
        socket.expect_end();

        drop(host);
        assert_eq!(diary.rest(), ["failed"; 3]);
    }
}

#[test]
fn a_regular_answer_that_fails_under_way_is_cut_short() {
    let (host, diary) = host(false);
    let mut browser = host.connect();
    browser.send(wishing(Transport::Regular, "after panic"));
    let head = browser.head();
    assert_eq!((head.status().as_u16(), head.header_text("x-mood")), (200, Some("hopeful")));
    assert_eq!(browser.take_all(), b"e\r\nso far so good\r\n", "no last chunk");

    let mut browser = host.connect();
    browser.send(wishing(Transport::LongPolling, "after panic"));
    assert_eq!(browser.answer().status(), 500, "a poll's head waits for what it says");
    drop(host);
    assert_eq!(diary.rest(), ["failed"; 2]);
}

#[test]
fn development_shows_the_cause_and_its_place_and_production_neither() {
    let (development, _) = host(true);
    let shown = answer(&development, Transport::Sse, "before_start");
    assert_eq!(shown.status(), 500);
    assert_eq!(shown.header("content-type"), "text/html; charset=utf-8");
    let place = format!("failures.rs:{BEFORE_START_LINE}");
    for part in ["Fails::check", "&lt;b&gt;no&lt;/b&gt; more bananas", &place, "GET /sse"] {
        assert!(shown.text().contains(part), "`{part}` is missing in {}", shown.text());
    }
    let (production, _) = host(false);
    let hidden = answer(&production, Transport::Sse, "before_start");
    assert_eq!(hidden.header("content-type"), "text/plain; charset=utf-8");
    assert!(!hidden.text().contains("bananas"));
}

#[test]
fn a_failure_is_logged_with_action_callback_and_source_line() {
    let (host, _) = host(false);
    for wish in ["before_start", "before_start panic"] {
        answer(&host, Transport::Websocket, wish);
    }
    let log = host.log();
    let errors: Vec<&str> = log.lines().filter(|line| line.contains("ERROR")).collect();
    assert_eq!(errors.len(), 2, "{log}");
    let place = format!("failures.rs:{BEFORE_START_LINE}");
    for line in errors {
        for part in ["no</b> more bananas", "action=\"Fails\"", "callback=\"check\"", &place] {
            assert!(line.contains(part), "`{part}` is missing in {line}");
        }
    }
    let access: Vec<&str> = log.lines().filter(|line| line.contains("/websocket 500")).collect();
    assert_eq!(access.len(), 2, "each request has its line: {log}");
}

#[test]
fn a_recipe_that_panics_is_a_500_and_logged() {
    let (host, _) = host(false);
    let mut browser = host.connect();
    for _ in 0..2 {
        browser.get("/recipe");
        assert_eq!(browser.answer().status(), 500);
    }
    assert!(host.log().contains("action=\"Never\""), "{}", host.log());
    assert!(host.log().contains("the recipe is lost"), "{}", host.log());
    assert_eq!(host.log().matches("/recipe 500").count(), 2, "{}", host.log());
}

#[test]
fn the_failure_of_one_connection_is_nobody_elses() {
    let (host, diary) = host(false);
    let mut others: Vec<_> = WIRES
        .into_iter()
        .map(|transport| {
            let mut browser = host.connect();
            browser.send(opening(transport));
            (transport, browser)
        })
        .collect();
    let mut harmed = Vec::new();
    for transport in WIRES {
        for wish in ["before_start panic", "on_start panic", "after panic"] {
            let mut browser = host.connect();
            browser.send(wishing(transport, wish));
            assert!(browser.read_more(), "{transport} {wish}");
            harmed.push(browser);
        }
    }
    for (transport, browser) in &mut others {
        match transport {
            Transport::LongPolling => browser.half_close(),
            _ => {
                browser.head();
                browser.take_until("so far so good");
                browser.half_close();
            }
        }
    }
    // The four whose streams are left end as such; the regular one would still be answered.
    let mut reasons: Vec<String> = std::iter::from_fn(|| Some(diary.next())).take(14).collect();
    reasons.sort();
    assert_eq!(reasons[..4], ["disconnected"; 4].map(str::to_owned));
    assert_eq!(reasons[4..], ["failed"; 10].map(str::to_owned));
    drop(others);
    host.close();
}

/// A socket whose every callback fails when it is told to.
#[action(transport = websocket)]
struct Touchy;

#[callbacks]
impl Touchy {
    #[on_start]
    fn begin(&mut self, cx: &mut Context<Self>) {
        cx.subscribe("room");
    }

    #[periodic_timer(every = "5ms")]
    fn tick(&mut self, _cx: &mut Context<Self>) -> Result<(), String> {
        Err("a tick went wrong".to_owned())
    }

    #[on_data]
    fn heard(&mut self, cx: &mut Context<Self>, text: &str) -> Result<(), String> {
        match text {
            "error" => Err("said so".to_owned()),
            "panic" => panic!("said so"),
            "defer" => {
                cx.defer(|| panic!("in a thread")).then(|_, cx, result: Result<(), DeferError>| {
                    cx.render(result.map_or_else(|error| error.to_string(), |()| "fine".into()));
                });
                Ok(())
            }
            _ => {
                cx.render(text);
                Ok(())
            }
        }
    }

    #[on_message]
    fn told(&mut self, _cx: &mut Context<Self>, _message: &Message) {
        panic!("the room is too loud");
    }
}

#[test]
fn a_socket_ends_with_1011_whichever_callback_fails() {
    let host = Host::serve(|| Routes::new().at("/", || Touchy));
    for word in ["error", "panic"] {
        let mut socket = host.open("/");
        socket.say("hello");
        assert_eq!(socket.text(), "hello");
        socket.say(word);
        assert_eq!(socket.receive(), Frame::Close(Some((1011, "the action failed".into()))));
    }
    let mut socket = host.open("/");
    socket.say("hello");
    assert_eq!(socket.text(), "hello");
    host.publish("room", "psst");
    assert_eq!(socket.receive().code(), Some(1011));
}

#[test]
fn an_error_in_a_timer_stops_neither_the_timer_nor_the_action() {
    let host = Host::serve(|| Routes::new().at("/", || Touchy));
    let mut socket = host.open("/");
    while host.log().matches("a tick went wrong").count() < 3 {
        socket.say("hello");
        assert_eq!(socket.text(), "hello");
    }
    assert!(host.log().contains("callback=\"tick\""), "{}", host.log());
}

#[test]
fn a_panic_in_deferred_work_comes_back_as_an_error() {
    let host = Host::serve(|| Routes::new().at("/", || Touchy));
    let mut socket = host.open("/");
    socket.say("defer");
    assert_eq!(socket.text(), "the deferred work panicked: in a thread");
}

/// Fails when it says goodbye.
#[action(transport = sse)]
struct SoreLoser;

#[callbacks]
impl SoreLoser {
    #[on_start]
    fn begin(&mut self, cx: &mut Context<Self>) {
        cx.render("hello");
        cx.finish();
    }

    #[on_finish]
    fn left(&mut self, _cx: &mut Context<Self>) {
        panic!("not like this");
    }
}

#[test]
fn a_panic_in_on_finish_is_logged_and_harms_nobody() {
    let host = Host::serve(|| Routes::new().at("/", || SoreLoser));
    for _ in 0..3 {
        assert_eq!(host.get("/").text(), "data: hello\n\n");
    }
    assert!(host.log().contains("not like this"), "{}", host.log());
}
