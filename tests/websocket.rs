//! WebSockets from the first request to the last frame (RFC 6455).

use std::time::{Duration, Instant};

use crampon::prelude::*;
use crampon::protocol::websocket::{Opcode, masked};
use crampon_tests::{Diary, Frame, Host, Pen, Socket, diary};

/// Says back what it hears, and does what it is told.
#[action(transport = websocket, subprotocols = ["echo.v2", "echo.v1"], message_bytes_max = 1000)]
struct Echo {
    pen: Pen,
}

#[callbacks]
impl Echo {
    #[before_start]
    fn admit(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        match cx.header("cookie") {
            Some("stranger") => Err(Halt::new(403, "members only").header("x-door", "closed")),
            _ => Ok(()),
        }
    }

    #[on_data]
    fn heard(&mut self, cx: &mut Context<Self>, data: Data<'_>) {
        match data {
            Data::Text("finish") => cx.finish(),
            Data::Text("close") => cx.close(4001, "as you wish"),
            Data::Text("nap") => {
                cx.pause();
                cx.after(Duration::from_millis(30), |_, cx| {
                    cx.render("awake");
                    cx.resume();
                });
            }
            Data::Text("close in a nap") => {
                cx.pause();
                cx.finish();
            }
            Data::Text("close after a nap") => {
                cx.pause();
                cx.render("napping");
                cx.after(Duration::from_millis(100), |_, cx| cx.finish());
            }
            data => cx.render(data),
        }
    }

    #[on_finish]
    fn left(&mut self, cx: &mut Context<Self>) {
        self.pen.write(cx.finish_reason());
    }
}

fn host() -> (Host, Diary) {
    let (pen, diary) = diary();
    let host = Host::serve(move || Routes::new().at("/", move || Echo { pen: pen.clone() }));
    (host, diary)
}

/// The headers of a good upgrade, but for this one.
fn upgrade_with(name: &str, value: Option<&str>) -> String {
    let headers = [
        ("host", "test"),
        ("upgrade", "websocket"),
        ("connection", "keep-alive, Upgrade"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    let mut request = "GET / HTTP/1.1\r\n".to_owned();
    for (known, usual) in headers {
        let value = if known == name { value } else { Some(usual) };
        request.extend(value.map(|value| format!("{known}: {value}\r\n")));
    }
    if headers.iter().all(|(known, _)| *known != name) {
        request.extend(value.map(|value| format!("{name}: {value}\r\n")));
    }
    request + "\r\n"
}

#[test]
fn a_handshake_is_refused_with_what_is_wrong_and_the_connection_kept() {
    let (host, _diary) = host();
    let mut browser = host.connect();
    for (name, value, status) in [
        ("upgrade", None, 426),
        ("upgrade", Some("h2c"), 426),
        ("connection", None, 400),
        ("connection", Some("keep-alive"), 400),
        ("sec-websocket-version", None, 400),
        ("sec-websocket-version", Some("8"), 426),
        ("sec-websocket-key", None, 400),
        ("sec-websocket-key", Some("too short"), 400),
        ("cookie", Some("stranger"), 403),
    ] {
        browser.send(upgrade_with(name, value));
        let answer = browser.answer();
        assert_eq!(answer.status(), status, "{name}: {value:?}");
        if status == 426 {
            assert_eq!(answer.header("upgrade"), "websocket");
            assert_eq!(answer.header("sec-websocket-version"), "13");
        }
        if status == 403 {
            assert_eq!((answer.text(), answer.header("x-door")), ("members only", "closed"));
        }
    }
    browser.send(upgrade_with("cookie", None));
    let head = browser.head();
    assert_eq!(head.status(), 101);
    let accept = head.header_text("sec-websocket-accept");
    assert_eq!(accept, Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "as in section 1.3");
}

#[test]
fn the_first_subprotocol_offered_that_is_ours_is_spoken() {
    let (host, _diary) = host();
    for (offered, spoken) in
        [(&[][..], None), (&["soap"], None), (&["soap", "echo.v1", "echo.v2"], Some("echo.v1"))]
    {
        let socket = Socket::offering(host.connect(), "/", offered);
        assert_eq!(socket.subprotocol.as_deref(), spoken);
    }
}

#[test]
fn messages_sent_with_the_handshake_are_heard() {
    let (host, _diary) = host();
    let mut browser = host.connect();
    let mut bytes = upgrade_with("cookie", None).into_bytes();
    masked::encode_text(&mut bytes, [9; 4], "early");
    browser.send(&bytes);
    assert_eq!(browser.head().status(), 101);
    assert_eq!(Socket::on(browser).text(), "early");
}

#[test]
fn two_messages_in_one_segment_are_two_calls() {
    let (host, _diary) = host();
    let mut socket = host.open("/");
    let mut bytes = Vec::new();
    masked::encode_text(&mut bytes, [1; 4], "one");
    masked::encode_binary(&mut bytes, [2; 4], b"two");
    socket.browser().send(&bytes);
    assert_eq!(socket.receive(), Frame::text("one"));
    assert_eq!(socket.receive(), Frame::Binary(b"two".into()));
}

#[test]
fn a_message_is_whole_however_it_is_cut() {
    let (host, _diary) = host();
    let mut socket = host.open("/");
    let mut bytes = Vec::new();
    masked::encode_frame(&mut bytes, [1, 2, 3, 4], Opcode::Text, false, "gr\u{fc}".as_bytes());
    masked::encode_ping(&mut bytes, [5; 4], b"between");
    masked::encode_frame(&mut bytes, [6; 4], Opcode::Continuation, false, b"");
    masked::encode_frame(&mut bytes, [7; 4], Opcode::Continuation, true, "\u{df}e".as_bytes());
    for cut in 0..bytes.len() {
        socket.browser().send(&bytes[..cut]);
        socket.browser().send(&bytes[cut..]);
        assert_eq!(socket.receive(), Frame::Pong(b"between".into()), "cut at {cut}");
        assert_eq!(socket.receive(), Frame::text("gr\u{fc}\u{df}e"), "cut at {cut}");
    }
}

#[test]
fn a_message_of_every_size_comes_back() {
    let (host, _diary) = host();
    let mut socket = host.open("/");
    for size in [0, 1, 125, 126, 127, 999, 1000] {
        let bytes = vec![b'x'; size];
        socket.say_binary(&bytes);
        assert_eq!(socket.receive(), Frame::Binary(bytes));
    }
}

#[test]
fn a_peer_that_breaks_the_protocol_is_told_the_code_and_left() {
    let (host, diary) = host();
    let unmasked = vec![0x81, 0x02, b'h', b'i'];
    let mut cases: Vec<(&str, Vec<u8>, u16)> = vec![("no mask", unmasked, 1002)];
    let frame = |opcode, is_final, payload: &[u8]| {
        let mut bytes = Vec::new();
        masked::encode_frame(&mut bytes, [3; 4], opcode, is_final, payload);
        bytes
    };
    let with_first_byte = |byte| {
        let mut bytes = frame(Opcode::Text, true, b"x");
        bytes[0] = byte;
        bytes
    };
    cases.extend([
        ("a reserved bit", with_first_byte(0xc1), 1002),
        ("a reserved opcode", with_first_byte(0x83), 1002),
        ("nothing to continue", frame(Opcode::Continuation, true, b"x"), 1002),
        (
            "a message in a message",
            [frame(Opcode::Text, false, b"a"), frame(Opcode::Text, true, b"b")].concat(),
            1002,
        ),
        ("a ping in fragments", frame(Opcode::Ping, false, b""), 1002),
        ("a long ping", frame(Opcode::Ping, true, &[0; 126]), 1002),
        ("half a close code", frame(Opcode::Close, true, b"\x03"), 1002),
        ("a close code not to be sent", frame(Opcode::Close, true, &1005u16.to_be_bytes()), 1002),
        ("text that is not UTF-8", frame(Opcode::Text, true, b"caf\xe9"), 1007),
        (
            "a character cut by the end",
            [frame(Opcode::Text, false, b"caf\xc3"), frame(Opcode::Continuation, true, b"")]
                .concat(),
            1007,
        ),
        ("a long message", frame(Opcode::Binary, true, &[0; 1001]), 1009),
        (
            "long in sum",
            [
                frame(Opcode::Text, false, &[b'a'; 600]),
                frame(Opcode::Continuation, true, &[b'a'; 600]),
            ]
            .concat(),
            1009,
        ),
    ]);
    let count = cases.len();
    let mut codes = Vec::new();
    for (what, bytes, code) in cases {
        let mut socket = host.open("/");
        socket.browser().send(&bytes);
        assert_eq!(socket.receive().code(), Some(code), "{what}");
        socket.browser().half_close();
        socket.expect_end();
        codes.push(diary.next());
        assert_eq!(codes.last(), Some(&format!("disconnected with code {code}")), "{what}");
    }
    assert_eq!(codes.len(), count);
    host.close();
    assert_eq!(diary.rest(), Vec::<String>::new(), "each said goodbye once");
}

#[test]
fn a_close_of_the_client_is_answered_in_kind() {
    let (host, diary) = host();
    for (code, reason) in [(1000, "bye"), (1001, ""), (3000, "ours"), (4999, "yours")] {
        let mut socket = host.open("/");
        socket.say("hello");
        socket.close(code, reason);
        assert_eq!(socket.text(), "hello", "what was said before is answered");
        assert_eq!(socket.receive(), Frame::close(code));
        socket.expect_end();
        assert_eq!(diary.next(), format!("disconnected with code {code}"));
    }
    let mut socket = host.open("/");
    socket.frame(Opcode::Close, true, b"");
    assert_eq!(socket.receive(), Frame::Close(None));
    socket.expect_end();
    assert_eq!(diary.next(), "disconnected");
}

#[test]
fn a_close_of_the_action_waits_for_the_client_s() {
    let (host, diary) = host();
    for (word, close) in [
        ("finish", Frame::close(1000)),
        ("close", Frame::Close(Some((4001, "as you wish".into())))),
        ("close in a nap", Frame::close(1000)),
    ] {
        let mut socket = host.open("/");
        socket.say(word);
        assert_eq!(socket.receive(), close);
        assert_eq!(diary.next(), "finished", "{word}");
        socket.say("too late to be heard");
        socket.close(1000, "");
        socket.expect_end();
    }
    host.close();
    assert!(diary.rest().is_empty());
}

#[test]
fn a_client_that_never_closes_is_left_after_a_while() {
    let (pen, diary) = diary();
    let set_up =
        |server: Server| server.limits(|limits| limits.close_timeout = Duration::from_millis(50));
    let host =
        Host::serve_with(set_up, move || Routes::new().at("/", move || Echo { pen: pen.clone() }));
    let mut socket = host.open("/");
    socket.say("finish");
    assert_eq!(socket.receive(), Frame::close(1000));
    socket.expect_end();
    assert_eq!(diary.next(), "finished");
}

#[test]
fn a_close_that_arrived_during_a_pause_is_heard_when_the_action_closes() {
    let (host, diary) = host();
    let mut socket = host.open("/");
    socket.say("close after a nap");
    assert_eq!(socket.text(), "napping");
    socket.close(1000, "");
    let began = Instant::now();
    assert_eq!(socket.receive(), Frame::close(1000));
    socket.expect_end();
    assert!(began.elapsed() < Duration::from_secs(4), "the close deadline was not waited for");
    assert_eq!(diary.next(), "finished");
}

#[test]
fn what_arrives_during_a_pause_is_heard_after_it() {
    let (host, _diary) = host();
    let mut socket = host.open("/");
    for _ in 0..2 {
        let mut bytes = Vec::new();
        masked::encode_text(&mut bytes, [1; 4], "nap");
        masked::encode_text(&mut bytes, [2; 4], "one");
        socket.browser().send(&bytes);
        socket.say("two");
        for expected in ["awake", "one", "two"] {
            assert_eq!(socket.text(), expected);
        }
    }
    socket.say("nap");
    socket.close(1000, "");
    assert_eq!(socket.text(), "awake");
    assert_eq!(socket.receive(), Frame::close(1000));
}

/// Takes one kind of message only.
#[action(transport = websocket)]
struct Choosy;

#[callbacks]
impl Choosy {
    #[on_data]
    fn heard(&mut self, cx: &mut Context<Self>, numbers: Json<Vec<u32>>) {
        cx.render(format!("{:?}", numbers.0));
    }
}

#[test]
fn the_wrong_kind_of_message_closes_with_its_code() {
    let host = Host::serve(|| Routes::new().at("/", || Choosy));
    let mut socket = host.open("/");
    socket.say("[1, 2]");
    assert_eq!(socket.text(), "[1, 2]");
    socket.say_binary(b"[1, 2]");
    assert_eq!(socket.receive().code(), Some(1003));
    let mut socket = host.open("/");
    socket.say("[1, two]");
    let Frame::Close(Some((1007, reason))) = socket.receive() else { panic!("expected a 1007") };
    assert!(reason.starts_with("the JSON does not read as expected"), "{reason}");
}

/// Hears long messages part by part.
#[action(transport = websocket, message_bytes_max = 10_000_000)]
struct Streamed {
    bytes: usize,
}

#[callbacks]
impl Streamed {
    #[on_data(stream)]
    fn part(&mut self, cx: &mut Context<Self>, part: Part<'_>) {
        self.bytes += part.bytes.len();
        if part.is_last {
            cx.render(format!("{} bytes", self.bytes));
            self.bytes = 0;
        }
    }
}

#[test]
fn a_long_message_is_heard_part_by_part() {
    let host = Host::serve(|| Routes::new().at("/", || Streamed { bytes: 0 }));
    let mut socket = host.open("/");
    for size in [0, 10, 5_000_000] {
        socket.say_binary(&vec![7; size]);
        assert_eq!(socket.text(), format!("{size} bytes"));
    }
}

/// Ends before anything is said.
#[action(transport = websocket)]
struct Brief;

#[callbacks]
impl Brief {
    #[on_start]
    fn begin(&mut self, cx: &mut Context<Self>) {
        cx.render("hello and");
        cx.close(1000, "goodbye");
    }
}

#[test]
fn a_socket_closed_as_it_starts_is_closed_in_good_order() {
    let host = Host::serve(|| Routes::new().at("/", || Brief));
    for _ in 0..2 {
        let mut socket = host.open("/");
        assert_eq!(socket.text(), "hello and");
        assert_eq!(socket.receive(), Frame::Close(Some((1000, "goodbye".into()))));
        socket.say("ignored");
        socket.close(1000, "");
        socket.expect_end();
    }
}
