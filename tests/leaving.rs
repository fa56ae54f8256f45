//! Clients that leave, in every way there is, on every wire: it is noticed, once, and what was
//! theirs ends.

use std::time::Duration;

use crampon::action::{Action, Declaration};
use crampon::prelude::*;
use crampon::transport::Transport;
use crampon_tests::{Browser, Diary, Frame, Host, Pen, Socket, WIRES, declared, diary, opening};

/// Stays until it is left, with a timer, a channel and a thread at work.
struct Guest<const WIRE: usize> {
    pen: Pen,
}

impl<const WIRE: usize> Action for Guest<WIRE> {
    const DECLARATION: Declaration = declared("Guest", WIRE);
}

#[callbacks]
impl<const WIRE: usize> Guest<WIRE> {
    #[on_start]
    fn begin(&mut self, cx: &mut Context<Self>) {
        if cx.transport() != Transport::LongPolling {
            cx.render("hello");
        }
        cx.subscribe("room");
        self.pen.write("began");
    }

    #[on_message]
    fn heard(&mut self, cx: &mut Context<Self>, message: &Message) {
        self.pen.write(format_args!("heard {}", message.as_text().unwrap_or_default()));
        if message.as_text() == Some("go home") {
            cx.render("goodbye");
            cx.finish();
        }
    }

    #[on_finish]
    fn left(&mut self, cx: &mut Context<Self>) {
        self.pen.write(format_args!("left: {}", cx.finish_reason()));
        cx.after(Duration::ZERO, |guest, _| guest.pen.write("never"));
        cx.subscribe("room");
        cx.render("to nobody");
    }
}

fn host() -> (Host, Diary) {
    host_with(|server| server)
}

fn host_with(set_up: impl FnOnce(Server) -> Server + Send + 'static) -> (Host, Diary) {
    let (pen, diary) = diary();
    let host = Host::serve_with(set_up, move || {
        let [regular, chunked, sse, long_polling, websocket] = [(); 5].map(|()| pen.clone());
        Routes::new()
            .at("/regular", move || Guest::<0> { pen: regular.clone() })
            .at("/chunked", move || Guest::<1> { pen: chunked.clone() })
            .at("/sse", move || Guest::<2> { pen: sse.clone() })
            .at("/long_polling", move || Guest::<3> { pen: long_polling.clone() })
            .at("/websocket", move || Guest::<4> { pen: websocket.clone() })
            .at("/ping", || Ping)
    });
    (host, diary)
}

/// Answers at once, to show that the server is there and that what came before is done.
#[action(transport = regular)]
struct Ping;

#[callbacks]
impl Ping {
    #[on_start]
    fn answer(&mut self, cx: &mut Context<Self>) {
        cx.render("pong");
        cx.finish();
    }
}

/// A guest that has begun.
fn arrive(host: &Host, diary: &Diary, transport: Transport) -> Browser {
    let mut browser = host.connect();
    browser.send(opening(transport));
    assert_eq!(diary.next(), "began", "{transport}");
    browser
}

#[test]
fn a_client_that_closes_is_noticed_and_said_goodbye_to_once() {
    let ways: [(_, fn(_)); 2] = [("closes", |browser| drop(browser)), ("resets", Browser::reset)];
    for transport in WIRES {
        for (way, leave) in ways {
            let (host, diary) = host();
            let mut browser = arrive(&host, &diary, transport);
            if transport != Transport::LongPolling {
                browser.take_until("hello");
            }
            leave(browser);
            if transport == Transport::Regular && way == "closes" {
                // Who has asked and shut may still read: only the answer shows that nobody does.
                host.publish("room", "go home");
                assert_eq!(diary.next(), "heard go home");
                assert_eq!(diary.next(), "left: finished");
            } else {
                assert_eq!(diary.next(), "left: disconnected", "{transport} {way}");
            }
            host.publish("room", "anybody?");
            assert_eq!(host.get("/ping").text(), "pong");
            host.close();
            assert_eq!(diary.rest(), Vec::<String>::new(), "{transport} {way}");
        }
    }
}

#[test]
fn a_half_close_is_a_disconnect_but_for_a_regular_request() {
    for transport in WIRES {
        let (host, diary) = host();
        let mut browser = arrive(&host, &diary, transport);
        browser.half_close();
        if transport != Transport::Regular {
            assert_eq!(diary.next(), "left: disconnected", "{transport}");
            drop(browser.take_all());
            continue;
        }
        assert_eq!(host.get("/ping").text(), "pong");
        host.publish("room", "go home");
        assert_eq!(browser.answer().text(), "hellogoodbye");
        browser.expect_end();
        assert_eq!(diary.next(), "heard go home");
        assert_eq!(diary.next(), "left: finished");
    }
}

#[test]
fn a_half_close_right_behind_the_request_is_the_same() {
    for transport in WIRES {
        let (host, diary) = host();
        let mut browser = host.connect();
        browser.send(opening(transport));
        browser.half_close();
        assert_eq!(diary.next(), "began", "{transport}");
        if transport == Transport::Regular {
            host.publish("room", "go home");
            assert_eq!(browser.answer().text(), "hellogoodbye");
            browser.expect_end();
        } else {
            assert_eq!(diary.next(), "left: disconnected", "{transport}");
        }
    }
}

#[test]
fn a_client_that_leaves_behind_more_requests_than_the_system_holds_is_noticed() {
    // Its end is behind them, where nobody sees it before they are read.
    let request = b"GET /ping HTTP/1.1\r\nhost: test\r\n\r\n";
    let requests = request.repeat(16_000_000 / request.len());
    for transport in [Transport::Chunked, Transport::Sse, Transport::LongPolling] {
        let (host, diary) = host_with(|server| {
            server.limits(|limits| limits.head_timeout = Duration::from_millis(200))
        });
        let mut browser = arrive(&host, &diary, transport);
        browser.send(&requests);
        browser.half_close();
        assert_eq!(diary.next(), "left: disconnected", "{transport}");
    }
}

#[test]
fn a_pipelined_request_of_a_client_that_has_shut_is_answered_too() {
    let (host, _diary) = host();
    let mut browser = host.connect();
    browser.get("/ping");
    browser.get("/ping");
    browser.get("/ping");
    browser.half_close();
    for _ in 0..3 {
        assert_eq!(browser.answer().text(), "pong");
    }
    browser.expect_end();
}

/// Answers when a thread has come back.
#[action(transport = regular)]
struct Deferred;

#[callbacks]
impl Deferred {
    #[on_start]
    fn answer(&mut self, cx: &mut Context<Self>) {
        cx.defer(|| ()).then(|_, cx, _: Result<(), DeferError>| {
            cx.render("done");
            cx.finish();
        });
    }
}

#[test]
fn all_that_a_client_had_asked_before_it_shut_is_answered() {
    let host = Host::serve(|| {
        Routes::new().at("/get", || Deferred).post("/post", || Deferred).at("/ping", || Ping)
    });
    let deferred = "GET /get HTTP/1.1\r\nhost: test\r\n\r\n".repeat(3);
    let body = "POST /post HTTP/1.1\r\nhost: test\r\ncontent-length: 4\r\n\r\nbody".repeat(3);
    // More than a connection keeps of what waits.
    let many = "GET /ping HTTP/1.1\r\nhost: test\r\n\r\n".repeat(5000);
    for (requests, count) in [(&deferred, 3), (&body, 3), (&format!("{deferred}{many}"), 5003)] {
        let mut browser = host.connect();
        browser.send(requests);
        browser.half_close();
        for number in 0..count {
            let answer = browser.answer();
            assert!(matches!(answer.text(), "done" | "pong"), "answer {number} of {count}");
        }
        browser.expect_end();
    }
}

#[test]
fn a_request_that_is_cut_off_is_nobodys() {
    let (host, diary) = host();
    for part in ["GET /sse HTTP/1.1\r\nhost: te", "", "\r\n"] {
        let mut browser = host.connect();
        browser.send(part);
        browser.half_close();
        browser.expect_end();
    }
    host.close();
    assert!(diary.rest().is_empty());
}

#[test]
fn a_client_that_leaves_while_it_is_held_never_started() {
    let (pen, diary) = diary();
    let host = Host::serve(move || {
        Routes::new().at("/", move || Held { pen: pen.clone() }).at("/ping", || Ping)
    });
    for leave in [|browser| drop(browser), Browser::reset] {
        let mut browser = host.connect();
        browser.send("GET / HTTP/1.1\r\nhost: test\r\naccept: text/event-stream\r\n\r\n");
        assert_eq!(diary.next(), "guarding");
        leave(browser);
    }
    assert_eq!(host.get("/ping").text(), "pong");
    host.close();
    assert!(diary.rest().is_empty(), "nothing started, nothing finished");
}

/// Is parked for longer than anyone waits.
#[action(transport = sse)]
struct Held {
    pen: Pen,
}

#[callbacks]
impl Held {
    #[before_start]
    fn park(&mut self, cx: &mut Context<Self>) {
        self.pen.write("guarding");
        cx.hold();
        cx.after(Duration::from_secs(60), |held, cx| {
            held.pen.write("too late");
            cx.proceed();
        });
    }

    #[on_finish]
    fn left(&mut self, _cx: &mut Context<Self>) {
        self.pen.write("left");
    }
}

#[test]
fn the_code_of_a_close_reaches_on_finish() {
    for (code, reason) in [(1000, "1000"), (1001, "1001"), (4321, "4321")] {
        let (host, diary) = host();
        let mut socket = host.open("/websocket");
        assert_eq!((socket.text(), diary.next()), ("hello".into(), "began".into()));
        socket.close(code, "");
        assert_eq!(socket.receive(), Frame::close(code));
        assert_eq!(diary.next(), format!("left: disconnected with code {reason}"));
    }
}

/// Ticks for as long as it is looked at.
#[action(transport = sse | websocket)]
struct Ticker {
    pen: Pen,
}

#[callbacks]
impl Ticker {
    #[periodic_timer(every = "2ms")]
    fn tick(&mut self, cx: &mut Context<Self>) {
        self.pen.write("tick");
        cx.render("tick");
    }

    #[on_start]
    fn begin(&mut self, cx: &mut Context<Self>) {
        cx.every(Duration::from_millis(2), |ticker, _| ticker.pen.write("tock"));
        cx.defer(|| ()).then(|ticker, _, _| ticker.pen.write("deferred"));
    }

    #[on_finish]
    fn left(&mut self, _cx: &mut Context<Self>) {
        self.pen.write("left");
    }
}

#[test]
fn timers_end_with_their_action() {
    let (pen, diary) = diary();
    let host = Host::serve(move || Routes::new().at("/", move || Ticker { pen: pen.clone() }));
    let mut browser = host.connect();
    browser.get("/");
    browser.take_until("tick");
    drop(browser);
    while diary.next() != "left" {}
    let mut socket = Socket::open(host.connect(), "/");
    assert_eq!(socket.text(), "tick");
    socket.close(1000, "");
    while diary.next() != "left" {}
    host.close();
    assert_eq!(diary.rest(), Vec::<String>::new());
}

#[test]
fn a_hundred_clients_that_leave_at_once_are_a_hundred_goodbyes() {
    let (host, diary) = host();
    let browsers: Vec<Browser> =
        (0..100).map(|index| arrive(&host, &diary, WIRES[1 + index % 4])).collect();
    for (index, browser) in browsers.into_iter().enumerate() {
        match index % 3 {
            0 => browser.reset(),
            1 => browser.half_close(),
            _ => drop(browser),
        }
    }
    for _ in 0..100 {
        assert_eq!(diary.next(), "left: disconnected");
    }
    host.close();
    assert_eq!(diary.rest(), Vec::<String>::new());
}

/// Leaves at the first thing it hears, of two that are said at once.
#[action(transport = regular)]
struct Quitter {
    pen: Pen,
}

#[callbacks]
impl Quitter {
    #[on_start]
    fn begin(&mut self, cx: &mut Context<Self>) {
        cx.subscribe("room");
        cx.publish("room", "one");
        cx.publish("room", "two");
    }

    #[on_message]
    fn heard(&mut self, cx: &mut Context<Self>, message: &Message) {
        self.pen.write(message.as_text().unwrap_or_default());
        cx.render(message);
        cx.finish();
    }

    #[on_finish]
    fn left(&mut self, cx: &mut Context<Self>) {
        self.pen.write(cx.finish_reason());
    }
}

/// Finishes by itself at the first of two renders.
#[action(transport = long_polling)]
struct Poll {
    pen: Pen,
}

#[callbacks]
impl Poll {
    #[on_start]
    fn begin(&mut self, cx: &mut Context<Self>) {
        cx.subscribe("room");
        cx.publish("room", "one");
        cx.publish("room", "two");
    }

    #[on_finish]
    fn left(&mut self, cx: &mut Context<Self>) {
        self.pen.write(cx.finish_reason());
    }
}

#[test]
fn an_action_that_finished_hears_nothing_more_and_says_goodbye_once() {
    let (pen, diary) = diary();
    let host = Host::serve(move || {
        let other = pen.clone();
        Routes::new()
            .at("/quitter", move || Quitter { pen: pen.clone() })
            .at("/poll", move || Poll { pen: other.clone() })
    });
    for path in ["/quitter", "/poll", "/quitter"] {
        assert_eq!(host.get(path).text(), "one", "{path}");
    }
    host.close();
    assert_eq!(diary.rest(), ["one", "finished", "finished", "one", "finished"]);
}
