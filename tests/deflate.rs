//! permessage-deflate over real sockets (RFC 7692): what is agreed, what is compressed, and who is
//! refused. That nothing is lost or doubled by it is looked into by `delivery`, at random.

use std::cell::Cell;
use std::thread;

use crampon::prelude::*;
use crampon::protocol::websocket::deflate::{Agreement, Deflater, Offer, WindowBits};
use crampon::protocol::websocket::{Opcode, masked};
use crampon::reactor::Reactor;
use crampon_tests::{Browser, Chromium, Frame, Host, Request, Socket};

/// Says back what it hears.
#[action(transport = websocket)]
struct Echo;

#[callbacks]
impl Echo {
    #[on_data]
    fn answer(&mut self, cx: &mut Context<Self>, data: Data<'_>) {
        cx.render(data);
    }
}

/// Says back what it hears, compressed in the light of all that was said before.
#[action(transport = websocket, deflate = dedicated, deflate_bytes_min = 0)]
struct Intimate;

#[callbacks]
impl Intimate {
    #[on_data]
    fn answer(&mut self, cx: &mut Context<Self>, data: Data<'_>) {
        cx.render(data);
    }
}

/// Says back what it hears, as it is.
#[action(transport = websocket, deflate = off)]
struct Plain;

#[callbacks]
impl Plain {
    #[on_data]
    fn answer(&mut self, cx: &mut Context<Self>, data: Data<'_>) {
        cx.render(data);
    }
}

/// Greets at length, and passes the room's messages on.
#[action(transport = websocket, deflate_bytes_min = 64)]
struct Member;

#[callbacks]
impl Member {
    #[on_start]
    fn enter(&mut self, cx: &mut Context<Self>) {
        cx.render(numbered(0));
        cx.subscribe("room");
    }
}

/// The same, with a context of its own.
#[action(transport = websocket, deflate = dedicated, deflate_bytes_min = 64)]
struct Regular;

#[callbacks]
impl Regular {
    #[on_start]
    fn enter(&mut self, cx: &mut Context<Self>) {
        cx.render(numbered(0));
        cx.subscribe("room");
    }
}

/// Passes the room's history on, numbered by cursors.
#[action(transport = websocket, deflate_bytes_min = 0)]
struct Returning;

const PAST: Channel = Channel::new("past").history(100);

#[callbacks]
impl Returning {
    #[on_start]
    fn enter(&mut self, cx: &mut Context<Self>) {
        cx.subscribe(PAST);
    }

    #[on_message]
    fn heard(&mut self, cx: &mut Context<Self>, message: &Message) {
        // Rendered here, so that it gets its id when the callback has returned.
        cx.render(format!("{} {}", message.as_text().unwrap_or_default(), "and on ".repeat(50)));
    }
}

/// Counts what it hears part by part, and rests after each part until it is told.
#[action(transport = websocket, message_bytes_max = 10_000_000)]
struct Sipping {
    bytes: usize,
    parts: usize,
}

#[callbacks]
impl Sipping {
    #[on_data(stream)]
    fn part(&mut self, cx: &mut Context<Self>, part: Part<'_>) {
        self.bytes += part.bytes.len();
        self.parts += 1;
        cx.pause();
        cx.after(Duration::from_millis(1), |_, cx| cx.resume());
        if part.is_last {
            cx.render(format!("{} bytes, in more than 10 parts: {}", self.bytes, self.parts > 10));
            (self.bytes, self.parts) = (0, 0);
        }
    }
}

/// A page for scripts to run in.
#[action(transport = regular)]
struct Page;

#[callbacks]
impl Page {
    #[on_start]
    fn show(&mut self, cx: &mut Context<Self>) {
        cx.render("<!doctype html><title>deflate</title><body>");
        cx.finish();
    }
}

fn host() -> Host {
    Host::serve(|| {
        Routes::new()
            .at("/", || Page)
            .at("/echo", || Echo)
            .at("/intimate", || Intimate)
            .at("/plain", || Plain)
            .at("/member", || Member)
            .at("/regular", || Regular)
            .at("/past", || Returning)
            .at("/sip", || Sipping { bytes: 0, parts: 0 })
    })
}

/// A message of some length that is like the others, and not the same.
fn numbered(number: usize) -> String {
    format!("message {number}: {}", "all work and no play ".repeat(20))
}

fn bits(bits: u8) -> Option<WindowBits> {
    WindowBits::new(bits)
}

/// What browsers offer.
fn browsers() -> Offer {
    Offer { client_max_window_bits: bits(15), ..Offer::default() }
}

fn open(host: &Host, path: &str, offer: &Offer) -> Socket {
    Socket::deflating(host.connect(), path, &[], offer)
}

#[test]
fn a_browser_s_offer_is_accepted_without_contexts_unless_the_action_says_otherwise() {
    let host = host();
    let anew = Agreement {
        server_no_context_takeover: true,
        client_no_context_takeover: true,
        ..Agreement::default()
    };
    for (path, agreement) in
        [("/echo", Some(anew)), ("/intimate", Some(Agreement::default())), ("/plain", None)]
    {
        assert_eq!(open(&host, path, &browsers()).agreement(), agreement, "{path}");
    }
}

#[test]
fn nothing_is_compressed_for_who_did_not_offer_it() {
    let host = host();
    for path in ["/echo", "/intimate", "/plain"] {
        let mut browser = host.connect();
        browser.send(Request::upgrade(path, &[]).bytes());
        assert_eq!(browser.head().header("sec-websocket-extensions"), None, "{path}");
        let mut socket = Socket::on(browser);
        socket.say(&numbered(1));
        assert_eq!(socket.text(), numbered(1), "{path}");
    }
}

#[test]
fn a_list_of_extensions_that_is_none_is_refused_and_an_unknown_one_passed_over() {
    let host = host();
    for (list, status) in [
        ("permessage-deflate;", 400),
        ("permessage-deflate; =9", 400),
        ("", 400),
        ("x-webkit-deflate-frame", 101),
        ("permessage-deflate; server_max_window_bits=8", 101),
        ("permessage-deflate; mux, permessage-deflate", 101),
    ] {
        let request = Request::upgrade("/echo", &[]).header("sec-websocket-extensions", list);
        let mut browser = host.connect();
        browser.send(request.bytes());
        let head = browser.head();
        assert_eq!(head.status(), status, "{list}");
        let is_agreed = head.header("sec-websocket-extensions").is_some();
        assert_eq!(is_agreed, list.ends_with(", permessage-deflate"), "{list}");
    }
}

#[test]
fn an_echo_is_the_message_whatever_was_agreed() {
    let host = host();
    for path in ["/echo", "/intimate"] {
        for window in [None, bits(9), bits(12), bits(15)] {
            for takeover in 0..4 {
                let offer = Offer {
                    server_no_context_takeover: takeover & 1 != 0,
                    client_no_context_takeover: takeover & 2 != 0,
                    server_max_window_bits: window,
                    client_max_window_bits: window,
                };
                let mut socket = open(&host, path, &offer);
                for number in [1, 2, 300, 4, 4] {
                    let text = numbered(number).repeat(number);
                    socket.say_deflated(true, text.as_bytes());
                    assert_eq!(socket.text(), text, "{path} {offer:?}");
                    socket.say(&text);
                    assert_eq!(socket.text(), text, "plain, {path} {offer:?}");
                }
                assert_eq!(socket.deflated(), 10, "{path} {offer:?}");
            }
        }
    }
}

#[test]
fn short_messages_go_as_they_are() {
    let host = host();
    let mut socket = open(&host, "/echo", &browsers());
    for (length, deflated) in [(255, 0), (256, 1), (1, 1), (0, 1), (1000, 2)] {
        let text = "x".repeat(length);
        socket.say_deflated(true, text.as_bytes());
        assert_eq!(socket.text(), text);
        assert_eq!(socket.deflated(), deflated, "{length} bytes");
    }
}

#[test]
fn messages_of_a_context_that_is_taken_over_point_to_those_before_them() {
    let host = host();
    let mut socket = open(&host, "/intimate", &browsers());
    let mut sizes = Vec::new();
    for number in 0..3 {
        let mut out = Vec::new();
        masked::encode_text(&mut out, [7; 4], &format!("{number}{}", noise_in_hex()));
        socket.browser().send(out);
        // The header of a frame of 126 bytes to 64 KiB says how long it is.
        let header = socket.browser().take(2);
        let length = match header[1] {
            126 => {
                let length = socket.browser().take(2);
                usize::from(u16::from_be_bytes([length[0], length[1]]))
            }
            length => usize::from(length),
        };
        assert_eq!(header[0], 0xc1);
        socket.browser().take(length);
        sizes.push(length);
    }
    assert!(sizes[0] > 400 && sizes[1] < 40 && sizes[2] < 40, "{sizes:?}");
}

/// 1,000 characters that have nothing in common but that they are digits.
fn noise_in_hex() -> String {
    let mut state = 1_u64;
    let mut digits = String::new();
    while digits.len() < 1000 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        digits += &format!("{state:016x}");
    }
    digits.truncate(1000);
    digits
}

#[test]
fn subscribers_hear_the_same_whatever_they_agreed_to() {
    let host = host();
    let narrow = Offer { server_max_window_bits: bits(9), ..browsers() };
    let anew = Offer { server_no_context_takeover: true, ..browsers() };
    let mut sockets = vec![host.open("/member"), host.open("/regular")];
    for offer in [browsers(), browsers(), narrow, anew] {
        sockets.extend(["/member", "/regular"].map(|path| open(&host, path, &offer)));
    }
    for socket in &mut sockets {
        assert_eq!(socket.text(), numbered(0), "what is rendered at the start");
    }
    for number in 1..20 {
        host.publish("room", &*numbered(number));
        host.publish("room", "short");
    }
    for socket in &mut sockets {
        for number in 1..20 {
            assert_eq!(socket.text(), numbered(number), "{:?}", socket.agreement());
            assert_eq!(socket.text(), "short");
        }
        let deflated = if socket.agreement().is_some() { 20 } else { 0 };
        assert_eq!(socket.deflated(), deflated, "{:?}", socket.agreement());
    }
}

#[test]
fn a_compressed_envelope_has_the_cursor_it_was_given_after_it_was_rendered() {
    let host = host();
    for number in 0..5 {
        host.publish(&PAST, format!("number {number}"));
    }
    let mut cursor = String::new();
    for from in [0, 3] {
        let path = format!("/past?last-event-id={cursor}");
        let protocols = ["crampon.event.v1"];
        let mut socket = Socket::deflating(host.connect(), &path, &protocols, &browsers());
        if from == 0 {
            // One that comes without a cursor is told where it stands.
            let standing: serde_json::Value =
                serde_json::from_str(&socket.text()).expect("an envelope is JSON");
            cursor = standing["id"].as_str().expect("it has a cursor").to_owned();
        }
        for number in 5 + from..8 {
            if from == 0 {
                host.publish(&PAST, format!("number {number}"));
            }
            let said: serde_json::Value =
                serde_json::from_str(&socket.text()).expect("an envelope is JSON");
            let data = said["data"].as_str().expect("it has data");
            assert!(data.starts_with(&format!("number {number} and on")), "{data}");
            assert!(said["id"].is_string(), "{said}");
            if number == 7 {
                cursor = said["id"].as_str().expect("it has a cursor").to_owned();
            }
        }
        assert!(socket.deflated() >= 3 - from, "they were compressed");
    }
}

#[test]
fn what_cannot_be_taken_closes_with_its_code() {
    let host = Host::serve_with(
        |server| server.limits(|limits| limits.message_bytes_max = 1000),
        || Routes::new().at("/echo", || Echo).at("/intimate", || Intimate),
    );
    let frame = |first: u8, payload: &[u8]| {
        let mut out = Vec::new();
        masked::encode_frame(&mut out, [0; 4], Opcode::Text, true, payload);
        out[0] = first;
        out
    };
    let mut bomb = Vec::new();
    Deflater::anew(WindowBits::MAX).encode_masked(&mut bomb, [0; 4], false, &[0; 1001]);
    for (path, bytes, code) in [
        ("/echo", frame(0xc1, b"\xff\xff\xff\xff"), 1007),
        ("/intimate", frame(0xc1, b"\xff\xff\xff\xff"), 1007),
        ("/echo", frame(0xc1, b"\xf2\x48\xcd"), 1007),
        ("/echo", frame(0xc1, b"\xf2\x00\x11\x00\x00"), 1007),
        // A stored block of what is no text.
        ("/echo", frame(0xc1, b"\x00\x01\x00\xfe\xff\xff\x00"), 1007),
        ("/echo", bomb.clone(), 1009),
        ("/intimate", bomb, 1009),
        ("/echo", frame(0xc9, b""), 1002),
        ("/echo", frame(0xc0, b""), 1002),
        ("/echo", frame(0xa1, b""), 1002),
    ] {
        let mut socket = open(&host, path, &browsers());
        socket.browser().send(&bytes);
        let close = socket.receive();
        assert_eq!(close.code(), Some(code), "{bytes:x?}: {close:?}");
        socket.expect_end();
    }
    // Not agreed, RSV1 means nothing.
    let mut socket = host.open("/echo");
    socket.browser().send(frame(0xc1, b"\xf2\x48\xcd\xc9\xc9\x07\x00"));
    assert_eq!(socket.receive().code(), Some(1002));
}

#[test]
fn a_compressed_message_is_heard_part_by_part_and_can_be_held_back_between_parts() {
    let host = host();
    let mut socket = open(&host, "/sip", &browsers());
    for _ in 0..3 {
        socket.say_deflated(false, &[7; 500_000]);
        socket.say_deflated(true, numbered(1).as_bytes());
        assert_eq!(socket.receive(), Frame::text("500000 bytes, in more than 10 parts: true"));
        let length = numbered(1).len();
        let heard = format!("{length} bytes, in more than 10 parts: false");
        assert_eq!(socket.receive(), Frame::Text(heard));
    }
}

/// Counts what is said to all of its kind, and tells whoever asks.
#[action(transport = websocket)]
struct Counting {
    count: Rc<Cell<u32>>,
}

#[callbacks]
impl Counting {
    #[on_data]
    fn said(&mut self, cx: &mut Context<Self>, data: Data<'_>) {
        match data {
            Data::Text("how many?") => cx.render(self.count.get().to_string()),
            _ => self.count.set(self.count.get() + 1),
        }
    }
}

#[test]
fn messages_that_are_short_on_the_wire_and_long_to_inflate_take_turns_with_others() {
    let mut message = Vec::new();
    Deflater::anew(WindowBits::MAX).encode_masked(&mut message, [0; 4], false, &[0; 500_000]);
    takes_turns(&message);
}

#[test]
fn messages_of_many_streams_take_turns_with_others() {
    // An empty block that ends its stream, again and again: each begins with a window's copy.
    let mut streams = b"\x03\x00".repeat(250);
    streams.push(0);
    let mut message = Vec::new();
    masked::encode_frame(&mut message, [0; 4], Opcode::Binary, true, &streams);
    message[0] |= 0x40;
    takes_turns(&message);
}

/// Holds that one who says this over and over keeps nobody waiting.
fn takes_turns(message: &[u8]) {
    let count = Rc::<Cell<u32>>::default();
    let counted = count.clone();
    let mut reactor = Reactor::new().expect("descriptors are left");
    let routes = Routes::new().at("/", move || Counting { count: counted.clone() });
    let server = Server::bind("127.0.0.1:0").expect("a port is free");
    let running = server.attach(&mut reactor, routes).expect("the routes are good");
    let address = running.local_addr().expect("it listens on TCP");
    let mut turn = || reactor.turn(Some(Duration::ZERO)).expect("the selector works");
    let offer = ("sec-websocket-extensions", "permessage-deflate");
    let mut open = || {
        let mut browser = Browser::connect(address);
        browser.send(Request::upgrade("/", &[]).header(offer.0, offer.1).bytes());
        while !browser.hears_within(Duration::from_millis(1)) {
            turn();
        }
        assert_eq!(browser.head().status(), 101);
        browser
    };
    let (mut greedy, modest) = (open(), open());
    let mut modest = Socket::on(modest);
    greedy.send(message.repeat(30));
    modest.say("how many?");
    while !modest.browser().hears_within(Duration::from_millis(1)) {
        turn();
    }
    let heard: u32 = modest.text().parse().expect("it is a number");
    assert!(heard < 10, "{heard} messages were inflated before another's turn came");
    while count.get() < 30 {
        turn();
    }
}

/// Says back what it hears, and counts it.
#[action(transport = websocket)]
struct Parrot {
    count: Rc<Cell<usize>>,
}

#[callbacks]
impl Parrot {
    #[on_data]
    fn answer(&mut self, cx: &mut Context<Self>, data: Data<'_>) {
        self.count.set(self.count.get() + 1);
        cx.render(data);
    }
}

#[test]
fn answers_that_are_long_to_compress_take_turns_with_others() {
    for (offer, in_one_turn) in [("permessage-deflate", 1..4), ("x-unknown", 8..31)] {
        let count = Rc::<Cell<usize>>::default();
        let counted = count.clone();
        let mut reactor = Reactor::new().expect("descriptors are left");
        let routes = Routes::new().at("/", move || Parrot { count: counted.clone() });
        let server = Server::bind("127.0.0.1:0").expect("a port is free");
        let server = server.limits(|limits| limits.read_bytes_per_tick = MESSAGE_BYTES);
        let running = server.attach(&mut reactor, routes).expect("the routes are good");
        let address = running.local_addr().expect("it listens on TCP");
        let mut turn = || reactor.turn(Some(Duration::ZERO)).expect("the selector works");
        let request = Request::upgrade("/", &[]).header("sec-websocket-extensions", offer);
        let mut greedy = Browser::connect(address);
        greedy.send(request.bytes());
        while !greedy.hears_within(Duration::from_millis(1)) {
            turn();
        }
        assert_eq!(greedy.head().status(), 101);
        let mut messages = Vec::new();
        for number in 0..30 {
            masked::encode_text(&mut messages, [7; 4], &numbered(number).repeat(10));
        }
        greedy.send(&messages);
        let mut most = 0;
        while count.get() < 30 {
            let before = count.get();
            turn();
            most = most.max(count.get() - before);
        }
        assert!(in_one_turn.contains(&most), "{most} messages in one turn, {offer}");
    }
}

/// Hears, and says nothing.
#[action(transport = websocket)]
struct Silent;

#[callbacks]
impl Silent {
    #[on_data]
    fn hear(&mut self, _: &mut Context<Self>, _: &[u8]) {}
}

#[test]
fn who_waits_for_its_turn_to_be_inflated_is_not_read_on() {
    let mut reactor = Reactor::new().expect("descriptors are left");
    let routes = Routes::new().at("/", || Silent).get("/metrics", Metrics::new);
    let server = Server::bind("127.0.0.1:0").expect("a port is free");
    let server = server.limits(|limits| limits.read_bytes_per_tick = MESSAGE_BYTES);
    let running = server.attach(&mut reactor, routes).expect("the routes are good");
    let address = running.local_addr().expect("it listens on TCP");
    let mut turn = || reactor.turn(Some(Duration::ZERO)).expect("the selector works");
    let mut message = Vec::new();
    let zeros = [0; MESSAGE_BYTES];
    Deflater::anew(WindowBits::MAX).encode_masked(&mut message, [0; 4], false, &zeros);
    let offer = ("sec-websocket-extensions", "permessage-deflate");
    let mut greedy = Browser::connect(address);
    greedy.send(Request::upgrade("/", &[]).header(offer.0, offer.1).bytes());
    while !greedy.hears_within(Duration::from_millis(1)) {
        turn();
    }
    assert_eq!(greedy.head().status(), 101);
    // More than is looked at in this test, and more than a system keeps for who does not read.
    let sender = thread::spawn(move || {
        greedy.pour(message.repeat((16 << 20) / message.len()));
    });
    for _ in 0..200 {
        turn();
        thread::yield_now();
    }
    let mut observer = Browser::connect(address);
    observer.get("/metrics");
    while !observer.hears_within(Duration::from_millis(1)) {
        turn();
    }
    let answer = observer.answer();
    let figure =
        answer.text().lines().find_map(|it| it.strip_prefix(BYTES_IN)).expect("it is told");
    let read: usize = figure.trim().parse().expect("it is a number");
    assert!(read < 1 << 20, "{read} bytes were read of one who waits for its turn");
    drop(running);
    drop(reactor);
    sender.join().expect("it does nothing that fails");
}

/// What is inflated in one turn, and a message.
const MESSAGE_BYTES: usize = 64 * 1024;

const BYTES_IN: &str = "crampon_bytes_total{direction=\"in\"} ";

#[test]
fn a_real_browser_agrees_and_hears_what_it_said() {
    let host = host();
    let chromium = Chromium::start();
    chromium.open(&format!("http://{}/", host.address()));
    let said = |number: &str| format!("`${{{number}}} ${{'all work '.repeat({number} ** 3)}}`");
    for (path, agreed) in [
        ("/echo", "permessage-deflate; server_no_context_takeover; client_no_context_takeover"),
        ("/intimate", "permessage-deflate"),
        ("/plain", ""),
    ] {
        chromium.run(&format!(
            "window.heard = [];
            window.socket = new WebSocket(`ws://${{location.host}}{path}`);
            socket.onopen = () => {{ for (let n = 0; n < 20; n++) socket.send({}); }};
            socket.onmessage = event => {{
                document.body.textContent = `${{heard.push(event.data)}} heard`;
            }};",
            said("n")
        ));
        chromium.see("window.heard.length === 20");
        chromium.see(&format!("heard.every((text, n) => text === {})", said("n")));
        chromium.see(&format!("socket.extensions === '{agreed}'"));
    }
}

#[test]
fn a_server_says_how_its_sockets_are_compressed_where_their_actions_do_not() {
    use crampon::action::Deflate;
    for (deflate, is_agreed, takes_over) in [
        (Deflate::Off, false, false),
        (Deflate::Shared, true, false),
        (Deflate::Dedicated, true, true),
    ] {
        let host = Host::serve_with(
            move |server| {
                server.limits(|limits| {
                    limits.deflate = deflate;
                    limits.deflate_window_bits_max = WindowBits::MIN;
                })
            },
            || Routes::new().at("/echo", || Echo).at("/plain", || Plain),
        );
        let agreement = open(&host, "/echo", &browsers()).agreement();
        assert_eq!(agreement.is_some(), is_agreed, "{deflate:?}");
        if let Some(agreement) = agreement {
            assert_eq!(agreement.server_no_context_takeover, !takes_over, "{deflate:?}");
            let window = Some(WindowBits::MIN).filter(|_| takes_over);
            assert_eq!(agreement.server_max_window_bits, window, "{deflate:?}");
            assert_eq!(agreement.client_max_window_bits, window, "{deflate:?}");
        }
        assert_eq!(
            open(&host, "/plain", &browsers()).agreement(),
            None,
            "the action's word counts"
        );
    }
}
