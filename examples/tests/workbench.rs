//! The workbench, spoken to as suites and load generators do.

use std::time::{Duration, Instant};

use crampon::protocol::http::{BodyLength, Method, encode_chunk};
use crampon::protocol::sse::{Event, Item};
use crampon::protocol::websocket::deflate::{Offer, WindowBits};
use crampon::protocol::websocket::{Opcode, masked};
use crampon_tests::{Browser, Example, Frame, PATIENCE, Request, Socket};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::{Value, json};

fn workbench() -> Example {
    Example::start("workbench", &[])
}

#[test]
fn it_says_hello_and_nothing_else() {
    let workbench = workbench();
    let hello = workbench.get("/");
    assert_eq!((hello.status(), hello.text()), (200, "hello"));
    assert!(hello.header("content-type").starts_with("text/plain"), "{hello:?}");

    let mut browser = workbench.connect();
    let head = browser.ask(&Request::new(Method::HEAD, "/"));
    assert_eq!((head.status(), head.header("content-length"), &*head.body), (200, "5", &b""[..]));
    let refused = browser.ask(&Request::new(Method::DELETE, "/"));
    assert_eq!((refused.status(), refused.header("allow")), (405, "GET, HEAD"));
    assert_eq!(browser.ask(&Request::get("/nowhere")).status(), 404);
}

#[test]
fn a_body_comes_back() {
    let workbench = workbench();
    let mut browser = workbench.connect();
    for body in ["", "x", "what is said comes back"] {
        let answer = browser.ask(&Request::post("/echo", body));
        assert_eq!((answer.status(), answer.text()), (200, body));
    }
    let answer = browser.ask(&Request::post("/echo", "").chunks(["in ", "three ", "parts"]));
    assert_eq!((answer.status(), answer.text()), (200, "in three parts"));
}

#[test]
fn a_message_comes_back_as_the_kind_it_was() {
    let workbench = workbench();
    let mut socket = workbench.open("/echo");
    for text in ["", "hello", "hällo", &"x".repeat(70_000)] {
        socket.say(text);
        assert_eq!(socket.text(), text);
    }
    for bytes in [&b""[..], b"\0\xff", &[7; 70_000]] {
        socket.say_binary(bytes);
        assert_eq!(socket.receive(), Frame::Binary(bytes.to_vec()));
    }
    socket.close(1000, "");
    assert_eq!(socket.receive().code(), Some(1000));
    socket.expect_end();
}

#[test]
fn a_suite_that_offers_compression_is_answered_on_its_own_terms() {
    let workbench = workbench();
    let offers = [
        Offer::default(),
        Offer { server_no_context_takeover: true, ..Offer::default() },
        Offer { server_max_window_bits: WindowBits::new(9), ..Offer::default() },
        Offer { client_max_window_bits: WindowBits::new(9), ..Offer::default() },
    ];
    for offer in offers {
        let mut socket = Socket::deflating(workbench.connect(), "/echo", &[], &offer);
        let agreement = socket.agreement().expect("compression is on");
        assert_eq!(agreement.server_no_context_takeover, offer.server_no_context_takeover);
        assert_eq!(agreement.server_max_window_bits, offer.server_max_window_bits);
        assert_eq!(agreement.client_max_window_bits, offer.client_max_window_bits);
        for text in ["hello", "hello", &"much the same, ".repeat(5_000)] {
            socket.say_deflated(true, text.as_bytes());
            assert_eq!(socket.text(), text);
        }
        assert!(socket.deflated() > 0, "{offer:?}");
    }
    let offer = Offer::default();
    for path in ["/sub", "/wstick", "/feed", "/guarded"] {
        let socket = Socket::deflating(workbench.connect(), path, &[], &offer);
        assert!(socket.agreement().is_some(), "{path}");
    }
}

#[test]
fn a_suite_s_4_mib_in_frames_of_64_bytes_come_back_with_the_empty_frame_behind_them() {
    let workbench = workbench();
    let mut socket = workbench.open("/echo");
    let mut frames = Vec::new();
    for number in 0..65_536 {
        let opcode = if number == 0 { Opcode::Text } else { Opcode::Continuation };
        masked::encode_frame(&mut frames, [7; 4], opcode, false, &[b'x'; 64]);
    }
    masked::encode_frame(&mut frames, [7; 4], Opcode::Continuation, true, b"");
    socket.browser().send(frames);
    assert_eq!(socket.text(), "x".repeat(4 << 20));
}

#[test]
fn the_first_subprotocol_offered_is_spoken() {
    let workbench = workbench();
    for (offered, spoken) in [
        (&["echo", "chat"][..], Some("echo")),
        (&["chat", "echo"], Some("chat")),
        (&["soap", "chat"], Some("chat")),
        (&["soap"], None),
        (&[], None),
    ] {
        let socket = Socket::offering(workbench.connect(), "/echo", offered);
        assert_eq!(socket.subprotocol.as_deref(), spoken, "{offered:?}");
    }
    assert_eq!(workbench.get("/echo").status(), 426);
    assert_eq!(workbench.get("/guarded").status(), 426);
}

#[test]
fn pages_of_other_origins_are_kept_out_where_it_says_so() {
    let workbench = workbench();
    let at = workbench.address();
    let own = format!("http://{at}");
    for (target, origin, status) in [
        ("/guarded", Some(&*own), 101),
        ("/guarded", None, 101),
        ("/guarded", Some("http://elsewhere.example"), 403),
        ("/guarded", Some("null"), 403),
        ("/echo", Some("http://elsewhere.example"), 101),
        ("/sub", Some("http://elsewhere.example"), 101),
    ] {
        let mut request = Request::upgrade(target, &[]).host(at);
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        let mut browser = workbench.connect();
        browser.send(request.bytes());
        assert_eq!(browser.head().status(), status, "{target} from {origin:?}");
    }
    for (target, status) in [("/guarded", 403), ("/echo", 200), ("/pub", 204)] {
        let post = Request::post(target, "word").host(at).header("origin", "http://a.example");
        assert_eq!(workbench.connect().ask(&post).status(), status, "posted to {target}");
    }
}

#[test]
fn a_topic_is_heard_over_both_wires_in_order() {
    let workbench = workbench();
    let (mut socket, mut events) = (workbench.open("/sub"), workbench.events("/sse"));
    for text in ["one", "two", "three"] {
        assert_eq!(workbench.post("/pub", text).status(), 204);
    }
    for text in ["one", "two", "three"] {
        assert_eq!(socket.text(), text);
        assert_eq!(events.event(), event("", "message", text));
    }
}

#[test]
fn ticks_come_every_second_after_one() {
    let workbench = workbench();
    let began = Instant::now();
    let (mut socket, mut events) = (workbench.open("/wstick"), workbench.events("/tick"));
    for count in 1..=2 {
        for text in [socket.text(), events.data()] {
            let tick: Value = serde_json::from_str(&text).expect("a tick is JSON");
            assert_eq!(tick["n"], count, "{text}");
            assert!(tick["t"].as_u64() > Some(1_700_000_000_000), "{text}");
        }
        assert!(began.elapsed() >= Duration::from_secs(count), "tick {count} came early");
    }
}

#[test]
fn publications_are_numbered_and_named() {
    let workbench = workbench();
    let mut events = workbench.events("/events?retry=1500&hb=20");
    let mut feed = workbench.open("/feed");
    assert_eq!(events.next(), Some(Item::Retry(Duration::from_millis(1500))));
    assert_eq!(events.next(), Some(Item::Comment("hb".into())));
    assert_eq!(workbench.post("/publish?event=news", b"first").text(), "1");
    assert_eq!(workbench.post("/publish", b"second\nof two lines").text(), "2");
    assert_eq!(events.event(), event("1", "news", "first"));
    assert_eq!(events.event(), event("2", "message", "second\nof two lines"));
    assert_eq!((feed.text(), feed.text()), ("first".into(), "second\nof two lines".into()));
    for name in ["two%0Alines", "two%0Dlines", "a%00b"] {
        let refused = workbench.post(&format!("/publish?event={name}"), b"third");
        assert_eq!(refused.status(), 400, "{name}");
    }
    assert_eq!(workbench.post("/publish", b"third").text(), "3", "what is refused has no number");
    assert_eq!(workbench.get("/events?hb=soon").status(), 400);
}

#[test]
fn who_comes_back_to_the_publications_hears_what_it_missed() {
    let workbench = workbench();
    let mut poster = workbench.connect();
    let publish = |poster: &mut Browser, number: u64| {
        let answer = poster.ask(&Request::post("/publish", format!("no. {number}")));
        assert_eq!(answer.text(), number.to_string());
    };
    for number in 1..=300 {
        publish(&mut poster, number);
    }
    let mut newcomer = workbench.events("/events");
    for last in [0, 44, 299] {
        let mut events = workbench.events_since("/events", last);
        for number in last + 1..=300 {
            assert_eq!(events.event(), publication(number), "after {last}");
        }
    }
    let mut up_to_date = workbench.events_since("/events", 300);
    publish(&mut poster, 301);
    for events in [&mut newcomer, &mut up_to_date] {
        assert_eq!(events.event(), publication(301));
    }
}

#[test]
fn a_poll_is_answered_as_soon_as_anything_is_newer() {
    let workbench = workbench();
    assert_eq!(workbench.get("/poll?timeout=0").status(), 204);
    assert_eq!(workbench.get("/poll?after=0&timeout=50").status(), 204);
    let mut waiting = workbench.connect();
    waiting.send(Request::get("/poll?after=0&timeout=60000").bytes());
    workbench.post("/publish?event=news", "first \"one\"");
    let answer = waiting.answer();
    assert_eq!((answer.status(), answer.header("content-type")), (200, "application/json"));
    assert_eq!(answer.text(), r#"[{"id":"1","event":"news","data":"first \"one\""}]"#);

    workbench.post("/publish", "second\nof two lines");
    let both: Value = serde_json::from_str(workbench.get("/poll?after=0").text()).expect("JSON");
    assert_eq!(both.as_array().map(Vec::len), Some(2));
    let second = json!({"id": "2", "event": "message", "data": "second\nof two lines"});
    let rest = workbench.ask(&Request::get("/poll?after=1").header("accept", "text/html"));
    assert_eq!(serde_json::from_str::<Value>(rest.text()).expect("JSON"), json!([second]));

    let began = Instant::now();
    let nothing = workbench.get("/poll?after=2&timeout=300");
    assert_eq!((nothing.status(), nothing.header("last-event-id")), (204, "2"));
    assert!(began.elapsed() >= Duration::from_millis(300));
    assert_eq!(workbench.get("/poll?timeout=1").status(), 204, "what was before is not new");
    for bad in ["/poll?after=x", "/poll?timeout=soon", "/poll?after=-1"] {
        assert_eq!(workbench.get(bad).status(), 400, "{bad}");
    }
}

#[test]
fn who_is_less_than_a_mebibyte_behind_loses_nothing_and_who_reads_nothing_is_dropped() {
    let workbench = workbench();
    let (events, feed) = (workbench.events("/events"), workbench.open("/feed"));
    let silent = [workbench.events("/events"), workbench.events("/events")];
    let mut poster = workbench.connect();
    let kibibyte = "x".repeat(1024);
    for _ in 0..1000 {
        assert_eq!(poster.ask(&Request::post("/publish", &kibibyte)).status(), 200);
    }
    let mut events = events;
    let mut feed = feed;
    for number in 1..=1000 {
        assert_eq!(events.event(), event(&number.to_string(), "message", &kibibyte));
        assert_eq!(feed.text(), kibibyte);
    }
    assert_eq!(workbench.get("/stats").text(), r#"{"sse":3,"ws":1}"#);

    let half = "y".repeat(512 << 10);
    let deadline = Instant::now() + PATIENCE;
    while workbench.get("/stats").text() != r#"{"sse":1,"ws":1}"# {
        assert!(Instant::now() < deadline, "who reads nothing is still there");
        assert_eq!(poster.ask(&Request::post("/publish", &half)).status(), 200);
        // Those who read are there to the end.
        assert_eq!(events.data(), half);
        assert_eq!(feed.text(), half);
    }
    drop(silent);
}

#[test]
fn a_count_goes_on_where_it_was_lost() {
    let workbench = workbench();
    let target = "/ticks?n=5&ms=10&drop=2&retry=50";
    let mut seen = Vec::new();
    let mut last: Option<String> = None;
    for _ in 0..3 {
        let mut events = match &last {
            None => workbench.events(target),
            Some(last) => workbench.events_since(target, last),
        };
        assert_eq!(events.next(), Some(Item::Retry(Duration::from_millis(50))));
        for item in events {
            let Item::Event(event) = item else { panic!("expected an event, got {item:?}") };
            assert_eq!(event.id, event.data);
            last = Some(event.id);
            seen.push(event.data);
        }
    }
    assert_eq!(seen, ["1", "2", "3", "4", "5"]);
    let done = Request::get(target).header("last-event-id", "5");
    assert_eq!(workbench.ask(&done).status(), 204);
}

#[test]
fn those_who_are_here_are_counted() {
    let workbench = workbench();
    let open = |sse: u64, ws: u64| {
        // Who has gone is counted out when the server has noticed.
        let deadline = Instant::now() + PATIENCE;
        loop {
            let stats = workbench.get("/stats");
            if stats.text() == format!(r#"{{"sse":{sse},"ws":{ws}}}"#) {
                return;
            }
            assert!(Instant::now() < deadline, "{} after {:?}", stats.text(), PATIENCE);
        }
    };
    open(0, 0);
    let streams = ["/sse", "/tick", "/events"].map(|path| workbench.events(path));
    let sockets = ["/echo", "/feed"].map(|path| workbench.open(path));
    open(3, 2);
    drop(streams);
    open(0, 2);
    drop(sockets);
    open(0, 0);
}

#[test]
fn messages_and_bodies_of_16_mib_pass_and_of_64_are_refused() {
    let workbench = workbench();
    let passing = vec![b'x'; 16 << 20];
    assert!(workbench.post("/echo", &passing).body == passing);
    let mut socket = workbench.open("/echo");
    socket.say_binary(&passing);
    assert!(socket.receive() == Frame::Binary(passing));

    // The head of a masked binary frame that announces 64 MiB.
    socket.browser().send([0x82, 0xff, 0, 0, 0, 0, 4, 0, 0, 0, 1, 2, 3, 4]);
    assert_eq!(socket.receive().code(), Some(1009));

    let (mut subscriber, mut feed) = (workbench.open("/sub"), workbench.open("/feed"));
    let text = "x".repeat(16 << 20);
    assert_eq!(workbench.post("/pub", &text).status(), 204);
    assert!(subscriber.text() == text);
    assert_eq!(workbench.post("/publish", &text).status(), 200);
    assert!(feed.text() == text);

    for target in ["/echo", "/pub", "/publish"] {
        let mut browser = workbench.connect();
        browser.send(Request::post(target, "").announcing(BodyLength::Length(64 << 20)).bytes());
        assert_eq!(browser.answer().status(), 413, "{target}");
    }
    let mut chunk = Vec::new();
    encode_chunk(&mut chunk, &[b'x'; 1 << 20]);
    let mut browser = workbench.connect();
    browser.send(Request::post("/echo", "").announcing(BodyLength::Chunked).bytes());
    for _ in 0..64 {
        browser.pour(&chunk);
    }
    assert_eq!(browser.answer().status(), 413);
}

#[test]
fn a_head_of_16_kib_passes_and_of_300_is_refused() {
    let workbench = workbench();
    for (kib, status) in [(16, 200), (300, 431)] {
        let mut browser = workbench.connect();
        let line = format!("x-filler: {}\r\n", "x".repeat(1000));
        let lines = line.repeat(kib);
        browser.pour(format!("GET / HTTP/1.1\r\nhost: test\r\n{lines}\r\n"));
        assert_eq!(browser.answer().status(), status, "{kib} KiB");
    }
}

#[test]
fn an_unfinished_head_is_dropped_within_20_seconds() {
    let workbench = workbench();
    let began = Instant::now();
    let mut browser = workbench.connect();
    browser.wait_up_to(Duration::from_secs(20));
    browser.send(b"GET / HTTP/1.1\r\nhost: ");
    while browser.read_more() {}
    assert!(began.elapsed() < Duration::from_secs(20));
}

#[test]
fn three_thousand_and_a_hundred_are_served_at_once() {
    let workbench = workbench();
    raise_descriptor_limit();
    let mut sockets: Vec<_> = (0..3_100).map(|_| workbench.open("/sub")).collect();
    assert_eq!(workbench.get("/stats").text(), r#"{"sse":0,"ws":3100}"#);
    assert_eq!(workbench.post("/pub", b"to all of you").status(), 204);
    for socket in &mut sockets {
        assert_eq!(socket.text(), "to all of you");
    }
}

#[test]
fn it_tells_its_health_and_its_figures() {
    let workbench = workbench();
    let _socket = workbench.open("/echo");
    assert_eq!(workbench.get("/health").text(), "ready\n");
    let figures = workbench.get("/metrics");
    let line = "\ncrampon_connections{action=\"Echo\",transport=\"websocket\"} 1\n";
    assert!(figures.text().contains(line), "{}", figures.text());
}

#[test]
fn it_says_goodbye_on_sigterm_and_exits_with_0() {
    let workbench = workbench();
    let (mut socket, mut events) = (workbench.open("/echo"), workbench.events("/sse"));
    let mut poll = workbench.connect();
    poll.get("/poll?timeout=60000");
    let mut idle = workbench.connect();
    assert_eq!(idle.ask(&Request::get("/")).text(), "hello");
    workbench.terminate();
    assert_eq!(socket.receive().code(), Some(1001));
    socket.close(1001, "");
    assert!(matches!(events.next(), Some(Item::Retry(_))));
    assert_eq!(events.next(), None);
    assert_eq!(poll.answer().status(), 204);
    idle.expect_end();
    workbench.wait();
}

#[test]
fn clients_that_do_not_read_do_not_keep_it_for_ten_seconds() {
    let workbench = workbench();
    let mut echoed = Socket::open(workbench.connect_narrow(), "/echo");
    let mut events = workbench.connect_narrow();
    events.send(Request::get("/sse").header("accept", "text/event-stream").bytes());
    events.head();
    let long = "x".repeat(4 << 20);
    echoed.say(&long);
    assert_eq!(workbench.post("/pub", &long).status(), 204);
    // Nor do those that do not go on.
    let mut half_a_body = workbench.connect();
    half_a_body.send(Request::post("/echo", "").announcing(BodyLength::Length(8)).bytes());
    let mut half_a_head = workbench.connect();
    half_a_head.send("GET / HTTP/1.1\r\nhost: ");
    let silent = workbench.connect();
    let began = Instant::now();
    workbench.terminate();
    workbench.wait();
    assert!(began.elapsed() < Duration::from_secs(10), "it took {:?}", began.elapsed());
    drop((echoed, events, silent));
}

fn publication(number: u64) -> Event {
    event(&number.to_string(), "message", &format!("no. {number}"))
}

fn event(id: &str, name: &str, data: &str) -> Event {
    Event { id: id.to_owned(), event: name.to_owned(), data: data.to_owned() }
}

/// Lets this process open as many connections as the system allows it.
fn raise_descriptor_limit() {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit })
        .expect("a process may raise its limit to its maximum");
}
