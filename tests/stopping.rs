//! The server stops: every stream is ended its transport's way, answers are finished, and nobody
//! is waited for longer than the deadline.

use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use crampon::action::{Action, Declaration};
use crampon::prelude::*;
use crampon::transport::Transport;
use crampon_tests::{
    Browser, Diary, Frame, Host, PATIENCE, Pen, Program, Socket, WIRES, declared, diary, opening,
};
use rustix::process::Signal;

/// Stays until the server stops; a regular one answers when the room is told to.
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
        cx.subscribe("room");
        self.pen.write("began");
    }

    #[on_message]
    fn heard(&mut self, cx: &mut Context<Self>, message: &Message) {
        cx.render(message);
        cx.finish();
    }

    #[on_finish]
    fn left(&mut self, cx: &mut Context<Self>) {
        self.pen.write(format_args!("{}: {}", cx.transport(), cx.finish_reason()));
    }
}

/// Outlives all actions.
#[service]
struct Keeper {
    pen: Pen,
}

#[callbacks]
impl Keeper {
    #[on_finish]
    fn close(&mut self, cx: &mut Context<Self>) {
        self.pen.write(format_args!("keeper: {}", cx.finish_reason()));
    }
}

fn routes(pen: &Pen) -> Routes {
    let [regular, chunked, sse, long_polling, websocket] = [(); 5].map(|()| pen.clone());
    Routes::new()
        .at("/regular", move || Guest::<0> { pen: regular.clone() })
        .at("/chunked", move || Guest::<1> { pen: chunked.clone() })
        .at("/sse", move || Guest::<2> { pen: sse.clone() })
        .at("/long_polling", move || Guest::<3> { pen: long_polling.clone() })
        .at("/websocket", move || Guest::<4> { pen: websocket.clone() })
}

fn host(set: fn(&mut Limits)) -> (Host, Diary) {
    let (pen, diary) = diary();
    let keeper = Keeper { pen: pen.clone() };
    let set_up = move |server: Server| server.limits(set).service(keeper);
    (Host::serve_with(set_up, move || routes(&pen)), diary)
}

fn arrive(host: &Host, diary: &Diary, transport: Transport) -> Browser {
    let mut browser = host.connect();
    browser.send(opening(transport));
    assert_eq!(diary.next(), "began", "{transport}");
    browser
}

#[test]
fn every_stream_is_ended_its_transports_way() {
    let (host, diary) = host(|limits| limits.stop_timeout = PATIENCE);
    let [mut regular, mut chunked, mut sse, mut long_polling, mut websocket] =
        WIRES.map(|transport| arrive(&host, &diary, transport));
    assert_eq!(websocket.head().status(), 101);
    host.stop();

    let answer = chunked.answer();
    assert_eq!((answer.status(), answer.text()), (200, ""), "a last chunk");
    chunked.expect_end();

    let events = sse.answer();
    let retry = events.text().strip_prefix("retry: ").and_then(|rest| rest.strip_suffix("\n\n"));
    let retry: u64 = retry.and_then(|ms| ms.parse().ok()).expect("a time to come back after");
    assert!((300..=3000).contains(&retry), "{retry} ms");
    sse.expect_end();

    assert_eq!(long_polling.answer().status(), 204);
    long_polling.expect_end();

    let mut socket = Socket::on(websocket);
    assert_eq!(socket.receive(), Frame::Close(Some((1001, "the server is stopping".into()))));
    socket.close(1001, "");
    socket.expect_end();

    host.publish("room", "the last word");
    let answer = regular.answer();
    assert_eq!((answer.text(), answer.header("connection")), ("the last word", "close"));
    regular.expect_end();
    host.join();

    let mut goodbyes = diary.rest();
    assert_eq!(goodbyes.pop().as_deref(), Some("keeper: server stopping"), "the service is last");
    goodbyes.sort();
    assert_eq!(
        goodbyes,
        [
            "chunked: server stopping",
            "long_polling: server stopping",
            "regular: finished",
            "sse: server stopping",
            "websocket: server stopping",
        ]
    );
}

#[test]
fn who_is_handed_the_server_as_it_starts_can_drain_it() {
    let (tell, told) = std::sync::mpsc::channel();
    let set_up = move |server: Server| {
        server.on_start(move |running| tell.send(running).expect("the test waits for it"))
    };
    let (pen, _diary) = diary();
    let host = Host::serve_with(set_up, move || routes(&pen));
    let mut socket = host.open("/websocket");
    let running = told.recv_timeout(PATIENCE).expect("it is told before it serves");
    assert_eq!(running.local_addr(), Some(host.address()));
    running.drain(Drain::Restarting).expect("the server runs");
    assert_eq!(socket.receive(), Frame::Close(Some((1012, "the server is restarting".into()))));
    socket.close(1012, "");
    socket.expect_end();
    host.join();
}

#[test]
fn nobody_comes_in_and_idle_connections_end_while_it_stops() {
    let (host, diary) = host(|limits| limits.stop_timeout = PATIENCE);
    let mut idle = host.connect();
    idle.get("/nowhere");
    assert_eq!(idle.answer().status(), 404);
    let fresh = host.connect();
    let mut regular = arrive(&host, &diary, Transport::Regular);
    host.stop();
    idle.expect_end();
    let mut fresh = fresh;
    fresh.expect_end();
    let began = Instant::now();
    while TcpStream::connect(host.address()).is_ok() {
        assert!(began.elapsed() < PATIENCE, "the listener is closed");
    }
    host.publish("room", "done");
    assert_eq!(regular.answer().text(), "done");
    host.join();
}

/// Answers without a look at the body.
#[action(transport = regular)]
struct Deaf;

#[callbacks]
impl Deaf {
    #[on_start]
    fn answer(&mut self, cx: &mut Context<Self>) {
        cx.render("whatever");
        cx.finish();
    }
}

#[test]
fn the_rest_of_a_body_nobody_reads_is_not_waited_for() {
    let set_up = |server: Server| server.limits(|limits| limits.stop_timeout = PATIENCE);
    let host = Host::serve_with(set_up, || Routes::new().post("/", || Deaf));
    let mut browser = host.connect();
    browser.send("POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 9\r\n\r\nhalf");
    assert_eq!(browser.answer().text(), "whatever");
    let began = Instant::now();
    host.stop();
    browser.expect_end();
    drop(browser);
    host.join();
    assert!(began.elapsed() < PATIENCE);
}

#[test]
fn events_that_were_rendered_before_the_stop_arrive_before_the_end() {
    let (host, diary) = host(|_| ());
    let mut sse = arrive(&host, &diary, Transport::Sse);
    let mut chunked = arrive(&host, &diary, Transport::Chunked);
    host.publish("room", "one more");
    host.close();
    assert!(sse.answer().text().starts_with("data: one more\n\n"));
    assert_eq!(chunked.answer().text(), "one more");
}

/// More than two ends of a connection hold.
#[action(transport = chunked)]
struct Tome;

#[callbacks]
impl Tome {
    #[on_start]
    fn begin(&mut self, cx: &mut Context<Self>) {
        cx.render(vec![b'x'; 32 << 20]);
    }
}

#[test]
fn a_client_that_does_not_read_is_cut_at_the_deadline() {
    let set_up =
        |server: Server| server.limits(|limits| limits.stop_timeout = Duration::from_millis(300));
    let host = Host::serve_with(set_up, || Routes::new().at("/", || Tome));
    let mut browser = host.connect_narrow();
    let began = Instant::now();
    browser.get("/");
    browser.head();
    host.close();
    assert!(began.elapsed() >= Duration::from_millis(300), "it was given its time");
    assert!(began.elapsed() < PATIENCE, "and no more");
    assert!(browser.take_all().len() < 32 << 20);
}

/// A stop waited for it as long as for any other close, five seconds of the eight it may take.
#[test]
fn a_socket_that_does_not_answer_its_close_has_less_time_while_the_server_stops() {
    const SHORT: Duration = Duration::from_millis(50);

    let (host, diary) = host(|limits| {
        limits.close_timeout = 2 * PATIENCE;
        limits.stop_close_timeout = SHORT;
        limits.stop_timeout = PATIENCE;
    });
    let mut closed_before = host.open("/websocket");
    assert_eq!(diary.next(), "began");
    host.publish("room", "off you go");
    assert_eq!(closed_before.text(), "off you go");
    assert_eq!(closed_before.receive(), Frame::close(1000));
    let mut closed_by_it = host.open("/websocket");
    let began = Instant::now();
    host.stop();
    assert_eq!(closed_by_it.receive().code(), Some(1001));
    host.join();
    assert!(began.elapsed() >= SHORT, "it may answer");
    assert!(began.elapsed() < PATIENCE / 2, "it took {:?}", began.elapsed());
    closed_before.expect_end();
    closed_by_it.expect_end();
}

#[test]
fn an_answer_that_does_not_come_is_cut_at_the_deadline_and_said_goodbye_to() {
    let (host, diary) = host(|limits| limits.stop_timeout = Duration::from_millis(100));
    let mut regular = arrive(&host, &diary, Transport::Regular);
    let mut websocket = arrive(&host, &diary, Transport::Websocket);
    websocket.head();
    host.close();
    regular.expect_end();
    let mut goodbyes = diary.rest();
    goodbyes.sort();
    assert_eq!(
        goodbyes,
        ["keeper: server stopping", "regular: server stopping", "websocket: server stopping"]
    );
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
        cx.hold();
        self.pen.write("held");
    }
}

#[test]
fn a_request_that_is_held_does_not_keep_the_server_past_the_deadline() {
    let (pen, diary) = diary();
    let host = Host::serve(move || Routes::new().at("/", move || Held { pen: pen.clone() }));
    let mut browser = host.connect();
    browser.get("/");
    assert_eq!(diary.next(), "held");
    host.close();
    browser.expect_end();
}

// A whole process.

fn start(address: &str) -> Program {
    Program::start_ours(Command::new(env!("CARGO_BIN_EXE_subject")).arg(address))
}

#[test]
fn a_signal_stops_the_process_in_good_order() {
    for signal in [Signal::TERM, Signal::INT] {
        let process = start("127.0.0.1:0");
        let mut sse = Browser::connect(process.address());
        sse.get("/feed");
        sse.head();
        process.signal(signal);
        assert!(sse.take_until("\n\n").starts_with("retry: "), "{signal:?}");
        sse.expect_end();
        let (status, log) = process.end();
        assert_eq!(status.code(), Some(0), "{signal:?}: {log}");
        assert!(log.contains("stopped"), "{log}");
    }
}

#[test]
fn a_second_signal_stops_the_process_at_once() {
    let process = start("127.0.0.1:0");
    let address = process.address();
    let mut regular = Browser::connect(address);
    let mut sse = Browser::connect(address);
    sse.get("/feed");
    sse.head();
    regular.get("/mute");
    // The regular request is there once one that came later on is answered.
    let mut later = Browser::connect(address);
    later.get("/nowhere");
    later.answer();
    let began = Instant::now();
    process.signal(Signal::INT);
    sse.take_until("retry: ");
    process.signal(Signal::INT);
    regular.expect_end();
    let (status, log) = process.end();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(began.elapsed() < Duration::from_secs(4), "the deadline was not waited for");
}

#[test]
fn a_port_in_use_is_one_line() {
    let first = start("127.0.0.1:0");
    let address = first.address().to_string();
    // It says its address before it serves, and hears signals when it does.
    let mut browser = Browser::connect(first.address());
    browser.get("/nowhere");
    browser.answer();
    let (status, errors) = start(&address).end();
    assert_eq!(status.code(), Some(1));
    assert_eq!(
        errors,
        format!("Error: the address `{address}` is in use; stop who uses it or choose another\n")
    );
    assert_eq!(first.terminate().code(), Some(0));
}
