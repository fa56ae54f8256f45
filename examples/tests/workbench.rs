//! The workbench, spoken to as suites and load generators do.

mod wire;

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use crampon::protocol::http::{BodyLength, Method};
use crampon::protocol::sse::Item;
use serde_json::Value;

use wire::events::Events;
use wire::example::Example;
use wire::http::{Http, get, post};
use wire::socket::{Frame, Socket};

fn workbench() -> (Example, SocketAddr) {
    let mut example = Example::start("workbench");
    let address = example.next_address();
    (example, address)
}

#[test]
fn it_says_hello_and_nothing_else() {
    let (_example, at) = workbench();
    let hello = get(at, "/");
    assert_eq!((hello.status, hello.text()), (200, "hello"));
    assert!(hello.header("content-type").starts_with("text/plain"), "{hello:?}");

    let mut http = Http::connect(at);
    let head = http.ask(&Method::HEAD, "/", &[], None);
    assert_eq!((head.status, head.header("content-length"), &*head.body), (200, "5", &b""[..]));
    let refused = http.ask(&Method::DELETE, "/", &[], None);
    assert_eq!((refused.status, refused.header("allow")), (405, "GET, HEAD"));
    assert_eq!(http.ask(&Method::GET, "/nowhere", &[], None).status, 404);
}

#[test]
fn a_body_comes_back() {
    let (_example, at) = workbench();
    let mut http = Http::connect(at);
    for body in ["", "x", "what is said comes back"] {
        let answer = http.ask(&Method::POST, "/echo", &[], Some(body.as_bytes()));
        assert_eq!((answer.status, answer.text()), (200, body));
    }
    let answer = http.post_chunks("/echo", &[b"in ", b"three ", b"parts"]);
    assert_eq!((answer.status, answer.text()), (200, "in three parts"));
}

#[test]
fn a_message_comes_back_as_the_kind_it_was() {
    let (_example, at) = workbench();
    let mut socket = Socket::open(at, "/echo");
    for text in ["", "hello", "hällo", &"x".repeat(70_000)] {
        socket.say(text);
        assert_eq!(socket.text(), text);
    }
    for bytes in [&b""[..], b"\0\xff", &[7; 70_000]] {
        socket.say_binary(bytes);
        assert_eq!(socket.next(), Some(Frame::Binary(bytes.to_vec())));
    }
    socket.close(1000);
    assert_eq!(socket.next(), Some(Frame::Close(Some(1000))));
    assert_eq!(socket.next(), None);
}

#[test]
fn the_first_subprotocol_offered_is_spoken() {
    let (_example, at) = workbench();
    for (offered, spoken) in [
        (&["echo", "chat"][..], Some("echo")),
        (&["chat", "echo"], Some("chat")),
        (&["soap", "chat"], Some("chat")),
        (&["soap"], None),
        (&[], None),
    ] {
        let socket = Socket::offer(at, "/echo", offered);
        assert_eq!(socket.subprotocol.as_deref(), spoken, "{offered:?}");
    }
    assert_eq!(get(at, "/echo").status, 426);
    assert_eq!(get(at, "/guarded").status, 426);
}

#[test]
fn pages_of_other_origins_are_kept_out_where_it_says_so() {
    let (_example, at) = workbench();
    let own = format!("http://{at}");
    for (target, origin, status) in [
        ("/guarded", Some(&*own), 101),
        ("/guarded", None, 101),
        ("/guarded", Some("http://elsewhere.example"), 403),
        ("/guarded", Some("null"), 403),
        ("/echo", Some("http://elsewhere.example"), 101),
        ("/sub", Some("http://elsewhere.example"), 101),
    ] {
        let headers: Vec<_> = origin.map(|origin| ("origin", origin)).into_iter().collect();
        let (_, head) = Socket::ask(at, target, &[], &headers);
        assert_eq!(head.status().as_u16(), status, "{target} from {origin:?}");
    }
}

#[test]
fn a_topic_is_heard_over_both_wires_in_order() {
    let (_example, at) = workbench();
    let (mut socket, mut events) = (Socket::open(at, "/sub"), Events::open(at, "/sse"));
    for text in ["one", "two", "three"] {
        assert_eq!(post(at, "/pub", text.as_bytes()).status, 204);
    }
    for text in ["one", "two", "three"] {
        assert_eq!(socket.text(), text);
        assert_eq!(events.event(), (String::new(), "message".into(), text.into()));
    }
}

#[test]
fn ticks_come_every_second_after_one() {
    let (_example, at) = workbench();
    let began = Instant::now();
    let (mut socket, mut events) = (Socket::open(at, "/wstick"), Events::open(at, "/tick"));
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
    let (_example, at) = workbench();
    let mut events = Events::open(at, "/events?retry=1500&hb=20");
    let mut feed = Socket::open(at, "/feed");
    assert_eq!(events.next(), Some(Item::Retry(Duration::from_millis(1500))));
    assert_eq!(events.next(), Some(Item::Comment("hb".into())));
    assert_eq!(post(at, "/publish?event=news", b"first").text(), "1");
    assert_eq!(post(at, "/publish", b"second\nof two lines").text(), "2");
    assert_eq!(events.event(), ("1".into(), "news".into(), "first".into()));
    assert_eq!(events.event(), ("2".into(), "message".into(), "second\nof two lines".into()));
    assert_eq!((feed.text(), feed.text()), ("first".into(), "second\nof two lines".into()));
    assert_eq!(post(at, "/publish?event=two%0Alines", b"third").status, 400);
    assert_eq!(get(at, "/events?hb=soon").status, 400);
}

#[test]
fn a_count_goes_on_where_it_was_lost() {
    let (_example, at) = workbench();
    let target = "/ticks?n=5&ms=10&drop=2&retry=50";
    let mut seen = Vec::new();
    let mut last = None;
    for _ in 0..3 {
        let mut events = Events::resume(at, target, last.as_deref());
        assert_eq!(events.next(), Some(Item::Retry(Duration::from_millis(50))));
        while let Some(item) = events.next() {
            let Item::Event(event) = item else { panic!("expected an event, got {item:?}") };
            assert_eq!(event.id, event.data);
            last = Some(event.id);
            seen.push(event.data);
        }
    }
    assert_eq!(seen, ["1", "2", "3", "4", "5"]);
    let mut http = Http::connect(at);
    assert_eq!(http.ask(&Method::GET, target, &[("last-event-id", "5")], None).status, 204);
}

#[test]
fn those_who_are_here_are_counted() {
    let (_example, at) = workbench();
    let open = |sse: u64, ws: u64| {
        // Who has gone is counted out when the server has noticed.
        let deadline = Instant::now() + wire::PATIENCE;
        loop {
            let stats = get(at, "/stats");
            if stats.text() == format!(r#"{{"sse":{sse},"ws":{ws}}}"#) {
                return;
            }
            assert!(Instant::now() < deadline, "{} after {:?}", stats.text(), wire::PATIENCE);
        }
    };
    open(0, 0);
    let streams =
        [Events::open(at, "/sse"), Events::open(at, "/tick"), Events::open(at, "/events")];
    let sockets = [Socket::open(at, "/echo"), Socket::open(at, "/feed")];
    open(3, 2);
    drop(streams);
    open(0, 2);
    drop(sockets);
    open(0, 0);
}

#[test]
fn messages_and_bodies_of_16_mib_pass_and_of_64_are_refused() {
    let (_example, at) = workbench();
    let passing = vec![b'x'; 16 << 20];
    assert!(post(at, "/echo", &passing).body == passing);
    let mut socket = Socket::open(at, "/echo");
    socket.say_binary(&passing);
    assert!(socket.next() == Some(Frame::Binary(passing)));

    // The head of a masked binary frame that announces 64 MiB.
    socket.send(&[0x82, 0xff, 0, 0, 0, 0, 4, 0, 0, 0, 1, 2, 3, 4]);
    assert_eq!(socket.next(), Some(Frame::Close(Some(1009))));

    for target in ["/echo", "/pub", "/publish"] {
        let mut http = Http::connect(at);
        http.send_head(&Method::POST, target, &[], BodyLength::Length(64 << 20));
        assert_eq!(http.answer(&Method::POST).status, 413, "{target}");
    }
    let chunk = vec![b'x'; 1 << 20];
    let mut http = Http::connect(at);
    http.send_head(&Method::POST, "/echo", &[], BodyLength::Chunked);
    assert_eq!(http.pour_chunks(&chunk, 64).status, 413);
}

#[test]
fn a_head_of_16_kib_passes_and_of_300_is_refused() {
    let (_example, at) = workbench();
    for (kib, status) in [(16, 200), (300, 431)] {
        let mut http = Http::connect(at);
        let line = format!("x-filler: {}\r\n", "x".repeat(1000));
        let lines = line.repeat(kib);
        http.try_send(format!("GET / HTTP/1.1\r\nhost: {at}\r\n{lines}\r\n").as_bytes());
        assert_eq!(http.answer(&Method::GET).status, status, "{kib} KiB");
    }
}

#[test]
fn an_unfinished_head_is_dropped_within_20_seconds() {
    let (_example, at) = workbench();
    let began = Instant::now();
    let mut http = Http::connect(at);
    http.wait_up_to(Duration::from_secs(20));
    http.send(b"GET / HTTP/1.1\r\nhost: ");
    while http.read_more() {}
    assert!(began.elapsed() < Duration::from_secs(20));
}

#[test]
fn three_thousand_and_a_hundred_are_served_at_once() {
    let (_example, at) = workbench();
    wire::raise_descriptor_limit();
    let mut sockets: Vec<_> = (0..3_100).map(|_| Socket::open(at, "/sub")).collect();
    assert_eq!(get(at, "/stats").text(), r#"{"sse":0,"ws":3100}"#);
    assert_eq!(post(at, "/pub", b"to all of you").status, 204);
    for socket in &mut sockets {
        assert_eq!(socket.text(), "to all of you");
    }
}

#[test]
fn it_says_goodbye_on_sigterm_and_exits_with_0() {
    let (example, at) = workbench();
    let (mut socket, mut events) = (Socket::open(at, "/echo"), Events::open(at, "/sse"));
    let stopped = thread::spawn(move || example.stop());
    assert_eq!(socket.next(), Some(Frame::Close(Some(1001))));
    socket.close(1001);
    assert!(matches!(events.next(), Some(Item::Retry(_))));
    assert_eq!(events.next(), None);
    assert!(stopped.join().expect("the example stops").success());
}
