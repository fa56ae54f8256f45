//! What a message costs the heap, once a connection has settled: nothing.
//!
//! Server and viewers share one thread, which is the one whose allocations are counted; the
//! viewers are plain sockets with buffers of their own and allocate nothing.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crampon::prelude::*;
use crampon::protocol::websocket::deflate::{Deflater, Direction, WindowBits};
use crampon::reactor::Reactor;
use crampon_tests::{Request, heard, said, workloads};

#[test]
fn an_echo_allocates_nothing() {
    for in_flight in [1, 16] {
        let mut house = House::open();
        let mut viewer = house.websocket("/echo");
        let messages = said("a message of some length").repeat(in_flight);
        let answers = heard("a message of some length").repeat(in_flight);
        let blocks = house.blocks_of(ROUNDS, |house| house.say(&mut viewer, &messages, &answers));
        assert_eq!(blocks, 0, "in {ROUNDS} rounds of {in_flight} messages");
    }
}

#[test]
fn a_delivery_allocates_nothing_whoever_listens() {
    for in_flight in [1, 16] {
        let [few, many] = [1, 50].map(|viewers| {
            let mut house = House::open();
            let mut sockets: Vec<_> = (0..viewers).map(|_| house.websocket("/feed")).collect();
            let mut streams: Vec<_> = (0..viewers).map(|_| house.stream("/feed")).collect();
            let mut publisher = house.websocket("/publish");
            let messages = said("news").repeat(in_flight);
            let heard = heard("news").repeat(in_flight);
            let events = b"data: news\n\n".repeat(in_flight);
            house.blocks_of(ROUNDS, |house| {
                publisher.write_all(&messages).expect("the server reads");
                for socket in &mut sockets {
                    house.expect(socket, &heard);
                }
                for stream in &mut streams {
                    house.expect(stream, &events);
                }
            })
        });
        assert_eq!(few, many, "blocks for 1 viewer of each kind, and for 50");
        let publishes = ROUNDS * in_flight as u64;
        assert!(few <= publishes * BLOCKS_PER_PUBLISH, "{few} blocks for {publishes} publishes");
    }
}

#[test]
fn a_compressed_echo_allocates_nothing() {
    let text = "a message of some length, ".repeat(20);
    for (path, takes_over) in [("/echo", false), ("/dense", true)] {
        let mut house = House::open();
        let mut viewer = house.deflating(path);
        let direction = Direction { takes_over, window_bits: WindowBits::MAX };
        let [mut up, mut down] = [(); 2].map(|()| Deflater::new(direction));
        let mut rounds = (0..2 * ROUNDS).map(|_| {
            let (mut message, mut answer) = (Vec::new(), Vec::new());
            up.encode_masked(&mut message, [1, 2, 3, 4], true, text.as_bytes());
            down.encode_message(&mut answer, true, text.as_bytes());
            (message, answer)
        });
        let rounds: Vec<_> = rounds.by_ref().collect();
        let mut rounds = rounds.iter();
        let blocks = house.blocks_of(ROUNDS, |house| {
            let (message, answer) = rounds.next().expect("there are as many as rounds");
            house.say(&mut viewer, message, answer);
        });
        assert_eq!(blocks, 0, "in {ROUNDS} rounds at {path}");
    }
}

#[test]
fn a_compressed_delivery_allocates_nothing_whoever_listens() {
    let text = "news of some length, ".repeat(20);
    let mut heard = Vec::new();
    Deflater::anew(WindowBits::MAX).encode_message(&mut heard, true, text.as_bytes());
    let [few, many] = [1, 50].map(|viewers| {
        let mut house = House::open();
        let mut sockets: Vec<_> = (0..viewers).map(|_| house.deflating("/feed")).collect();
        let mut publisher = house.websocket("/publish");
        house.blocks_of(ROUNDS, |house| {
            publisher.write_all(&said(&text)).expect("the server reads");
            for socket in &mut sockets {
                house.expect(socket, &heard);
            }
        })
    });
    assert_eq!(few, many, "blocks for 1 viewer, and for 50");
    // One of them is the test's own message.
    let blocks_max = ROUNDS * (BLOCKS_PER_PUBLISH + BLOCKS_PER_COMPRESSION + 1);
    assert!(few <= blocks_max, "{few} blocks for {ROUNDS} publishes");
}

#[test]
fn a_tick_of_a_periodic_timer_allocates_nothing() {
    for accept in ["*/*", "text/event-stream"] {
        let mut house = House::open();
        let mut viewer = house.get("/clock", accept);
        let tick: &[u8] = if accept == "*/*" { b"4\r\ntick\r\n" } else { b"data: tick\n\n" };
        let blocks = house.blocks_of(100, |house| house.expect(&mut viewer, tick));
        assert_eq!(blocks, 0, "for `{accept}`");
    }
}

#[test]
fn a_regular_answer_allocates_nothing_where_requests_are_alike() {
    for path in ["/hello", "/labelled"] {
        let mut house = House::open();
        let mut viewer = house.connect();
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n");
        let blocks = house.blocks_of(ROUNDS, |house| {
            viewer.write_all(request.as_bytes()).expect("the server reads");
            house.read_until(&mut viewer, b"Hello World!");
        });
        assert_eq!(blocks, 0, "in {ROUNDS} rounds at {path}");
    }
}

#[test]
fn a_body_that_comes_with_its_head_allocates_nothing_either() {
    for body in ["", "short", &"long".repeat(500)] {
        let mut house = House::open();
        let mut viewer = house.connect();
        let request = format!(
            "POST /mirror HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = format!("\r\n\r\n{body}");
        let blocks = house.blocks_of(ROUNDS, |house| {
            viewer.write_all(request.as_bytes()).expect("the server reads");
            house.read_until(&mut viewer, answer.as_bytes());
        });
        assert_eq!(blocks, 0, "in {ROUNDS} rounds of {} bytes", body.len());
    }
}

#[test]
fn a_regular_answer_costs_its_head_where_requests_differ() {
    let mut house = House::open();
    let mut viewer = house.connect();
    let mut requests = [
        "GET /hello HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n\r\n",
    ]
    .into_iter()
    .cycle();
    let blocks = house.blocks_of(ROUNDS, |house| {
        let request = requests.next().expect("they go round");
        viewer.write_all(request.as_bytes()).expect("the server reads");
        house.read_until(&mut viewer, b"Hello World!");
    });
    assert!(blocks <= ROUNDS * BLOCKS_PER_REQUEST, "{blocks} blocks in {ROUNDS} requests");
}

#[test]
fn one_connection_too_many_is_refused_without_an_allocation() {
    let mut house = House::within(|limits| limits.connections_max = Some(0));
    let request = b"GET /hello HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n";
    let blocks = house.blocks_of(ROUNDS, |house| {
        let mut viewer = house.connect();
        viewer.write_all(request).expect("the server reads");
        house.read_until(&mut viewer, b"come back later\n");
    });
    assert_eq!(blocks, 0, "in {ROUNDS} rounds");
}

#[test]
fn an_answer_that_is_shared_costs_no_more_whoever_asks() {
    for origin in ["", "Origin: https://app.example\r\n", "Origin: https://elsewhere.example\r\n"] {
        let mut house = House::open();
        let mut viewer = house.connect();
        let request = format!("GET /shared HTTP/1.1\r\nHost: localhost\r\n{origin}\r\n");
        let blocks = house.blocks_of(ROUNDS, |house| {
            viewer.write_all(request.as_bytes()).expect("the server reads");
            house.read_until(&mut viewer, b"Hello World!");
        });
        assert!(blocks <= ROUNDS * BLOCKS_PER_REQUEST, "{blocks} blocks in {ROUNDS} requests");
    }
}

#[test]
fn an_idle_connection_owns_half_a_kibibyte_with_its_head() {
    for (way, open) in ways().into_iter().enumerate() {
        let mut house = House::open();
        let each = house.bytes_of_each(IDLE_VIEWERS, open);
        assert!(each <= IDLE_BYTES_MAX, "{each} bytes for each viewer of the {way}. way");
    }
}

#[test]
fn a_connection_costs_no_more_where_there_are_many() {
    for (way, open) in ways().into_iter().enumerate() {
        let [few, many] = [IDLE_VIEWERS / 4, IDLE_VIEWERS].map(|viewers| {
            let mut house = House::open();
            house.bytes_of_each(viewers, open)
        });
        let max = few + few / 20;
        assert!(many <= max, "{many} bytes for each of many, {few} of few, of the {way}. way");
    }
}

#[test]
fn a_connection_that_has_spoken_owns_no_more_than_one_that_has_not() {
    let mut house = House::open();
    let mut viewers: Vec<_> = (0..IDLE_VIEWERS).map(|_| house.websocket("/echo")).collect();
    let (message, answer) = (said("a message"), heard("a message"));
    // The first makes what all share.
    house.say(&mut viewers[0], &message, &answer);
    let info = allocation_counter::measure(|| {
        for viewer in &mut viewers {
            house.say(viewer, &message, &answer);
        }
    });
    assert!(info.bytes_current <= 0, "{} bytes more are kept", info.bytes_current);
}

#[test]
fn what_compression_costs_a_connection_is_nothing_if_shared_and_what_is_said_if_dedicated() {
    let text = "a message of some length, ".repeat(20);
    for (path, takes_over, kibibytes) in [("/echo", false, 0..1), ("/dense", true, 365..380)] {
        let mut house = House::open();
        let direction = Direction { takes_over, window_bits: WindowBits::MAX };
        let (mut message, mut answer) = (Vec::new(), Vec::new());
        Deflater::new(direction).encode_masked(&mut message, [1, 2, 3, 4], true, text.as_bytes());
        Deflater::new(direction).encode_message(&mut answer, true, text.as_bytes());
        // The first makes what all share.
        let [mut first, mut second] = [house.deflating(path), house.deflating(path)];
        house.say(&mut first, &message, &answer);
        let info = allocation_counter::measure(|| house.say(&mut second, &message, &answer));
        let cost = info.bytes_current;
        assert!(kibibytes.contains(&(cost / 1024)), "{cost} bytes at {path}");
    }
}

#[test]
fn a_compressor_takes_what_the_budget_counts_for_it() {
    for window_bits in (9..=15).filter_map(WindowBits::new) {
        let counted = Deflater::bytes_held(window_bits) as i64;
        let mut kept = None;
        let info = allocation_counter::measure(|| kept = Some(Deflater::anew(window_bits)));
        let missed = (info.bytes_current - counted).abs();
        assert!(
            missed < 4096,
            "{} bytes for {window_bits} bits, not {counted}",
            info.bytes_current
        );
    }
}

#[test]
fn a_long_message_leaves_nothing_behind() {
    let mut house = House::open();
    let message = said(&"long ".repeat(10_000));
    let answer_bytes = message.len() - MASK_BYTES;
    let say_in_two_parts = |house: &mut House, viewer: &mut TcpStream| {
        let (first, second) = message.split_at(message.len() / 2);
        viewer.write_all(first).expect("the server reads");
        house.turn();
        viewer.write_all(second).expect("the server reads");
        let mut buffer = [0; 4096];
        let mut got = 0;
        while got < answer_bytes {
            got += house.read(viewer, &mut buffer);
        }
    };
    // The first makes what all share.
    let [mut first, mut second] = [house.websocket("/echo"), house.websocket("/echo")];
    say_in_two_parts(&mut house, &mut first);
    let info = allocation_counter::measure(|| say_in_two_parts(&mut house, &mut second));
    assert!(info.bytes_current < 1024, "{} bytes are kept", info.bytes_current);
}

/// A way to open a connection.
type Opening = fn(&mut House) -> TcpStream;

/// The ways to become idle, with heads of some 200 bytes.
fn ways() -> [Opening; 5] {
    [
        |house| house.websocket("/echo?a-head-of-200-bytes=and-a-few"),
        |house| house.websocket("/feed?a-head-of-200-bytes=and-a-few"),
        |house| {
            let request = Request::get("/feed").header("accept", "text/event-stream");
            let request = request.header("accept-language", "en-GB,en;q=0.8");
            house.ask(
                &request.header("user-agent", "a browser with a rather long name (X11; Linux)"),
            )
        },
        |house| house.deflating("/feed"),
        // Contexts of its own are made for the first message, and none was said.
        |house| house.deflating("/dense"),
    ]
}

/// Bytes of heap that are an idle connection's alone, 472 in all less its places among others:
/// 96 as a connection, 80 as a session, 12 as a source and 16 in the calendar. What those take is
/// asserted beside them; they are there before anybody comes.
const IDLE_BYTES_MAX: i64 = 472 - (96 + 80 + 12 + 16);

/// Viewers that say nothing: a few less than a power of two, so that hardly any of what grows by
/// doubling is room for more.
const IDLE_VIEWERS: usize = 250;

/// Rounds that are counted, after as many that are not.
const ROUNDS: u64 = 200;

/// Blocks of one publish: its text, its channel, its place in the log, and one encoding for sockets
/// and one for events, each with the count of those who share it.
const BLOCKS_PER_PUBLISH: u64 = 7;

/// Blocks of one compressed encoding: itself, its count, and its place in the chain of those there
/// are.
const BLOCKS_PER_COMPRESSION: u64 = 3;

/// Blocks of one regular request and its answer: the head, unless it has the size of another.
const BLOCKS_PER_REQUEST: u64 = 1;

/// Ticks.
#[action(transport = sse | chunked)]
struct Clock;

#[callbacks]
impl Clock {
    #[periodic_timer(every = "1ms")]
    fn tick(&mut self, cx: &mut Context<Self>) {
        cx.render("tick");
    }
}

/// An answer with a status and headers of its own.
#[action(transport = regular)]
struct Labelled;

#[callbacks]
impl Labelled {
    #[on_start]
    fn greet(&mut self, cx: &mut Context<Self>) {
        cx.set_status(201);
        cx.set_header("Content-Type", "text/plain");
        cx.set_header("x-label", "greeting");
        cx.render("Hello World!");
        cx.finish();
    }
}

/// Says back the body it is sent.
#[action(transport = regular)]
struct Mirror;

#[callbacks]
impl Mirror {
    #[on_data]
    fn hear(&mut self, cx: &mut Context<Self>, text: &str) {
        cx.render(text);
        cx.finish();
    }
}

/// An answer that pages of another origin may read.
#[action(transport = regular, cors(origins = "https://app.example", credentials))]
struct Shared;

#[callbacks]
impl Shared {
    #[on_start]
    fn greet(&mut self, cx: &mut Context<Self>) {
        cx.render("Hello World!");
        cx.finish();
    }
}

/// A server on a loop that turns while its viewers wait.
struct House {
    reactor: Reactor,
    address: SocketAddr,
}

impl House {
    fn open() -> Self {
        Self::within(|_| {})
    }

    fn within(set: impl FnOnce(&mut Limits)) -> Self {
        let routes = workloads()
            .at("/clock", || Clock)
            .at("/shared", || Shared)
            .at("/labelled", || Labelled)
            .post("/mirror", || Mirror);
        let mut reactor = Reactor::new().expect("descriptors are left");
        let server = Server::bind("127.0.0.1:0").expect("a port is free").limits(set);
        let running = server.attach(&mut reactor, routes).expect("the routes are good");
        let address = running.local_addr().expect("it listens on TCP");
        Self { reactor, address }
    }

    fn connect(&mut self) -> TcpStream {
        let viewer = TcpStream::connect(self.address).expect("the server listens");
        viewer.set_nodelay(true).expect("the stream is connected");
        viewer.set_nonblocking(true).expect("the stream is connected");
        viewer
    }

    /// A viewer whose request is answered with a head.
    fn ask(&mut self, request: &Request) -> TcpStream {
        let mut viewer = self.connect();
        viewer.write_all(&request.bytes()).expect("the server reads");
        self.read_until(&mut viewer, b"\r\n\r\n");
        viewer
    }

    fn websocket(&mut self, path: &str) -> TcpStream {
        self.ask(&Request::upgrade(path, &[]))
    }

    /// A WebSocket that offers compression.
    fn deflating(&mut self, path: &str) -> TcpStream {
        let offer = ("sec-websocket-extensions", "permessage-deflate");
        self.ask(&Request::upgrade(path, &[]).header(offer.0, offer.1))
    }

    fn get(&mut self, path: &str, accept: &str) -> TcpStream {
        self.ask(&Request::get(path).header("accept", accept))
    }

    fn stream(&mut self, path: &str) -> TcpStream {
        self.get(path, "text/event-stream")
    }

    fn say(&mut self, viewer: &mut TcpStream, messages: &[u8], answers: &[u8]) {
        viewer.write_all(messages).expect("the server reads");
        self.expect(viewer, answers);
    }

    /// Turns the loop until the viewer has read exactly these bytes.
    fn expect(&mut self, viewer: &mut TcpStream, bytes: &[u8]) {
        let mut buffer = [0; 4096];
        let mut got = 0;
        while got < bytes.len() {
            got += self.read(viewer, &mut buffer[got..bytes.len()]);
        }
        assert_eq!(&buffer[..got], bytes);
    }

    fn read_until(&mut self, viewer: &mut TcpStream, end: &[u8]) {
        let mut buffer = [0; 4096];
        let mut got = 0;
        while !buffer[..got].ends_with(end) {
            got += self.read(viewer, &mut buffer[got..]);
        }
    }

    fn turn(&mut self) {
        self.reactor.turn(Some(Duration::ZERO)).expect("the selector works");
    }

    fn read(&mut self, viewer: &mut TcpStream, buffer: &mut [u8]) -> usize {
        loop {
            self.turn();
            match viewer.read(buffer) {
                Ok(0) => panic!("the server hung up"),
                Ok(bytes) => return bytes,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => panic!("the viewer cannot read: {error}"),
            }
        }
    }

    /// Bytes that each of so many viewers adds.
    fn bytes_of_each(&mut self, viewers: usize, open: Opening) -> i64 {
        // The first makes what all share.
        let _first = open(self);
        let mut all = Vec::with_capacity(viewers);
        let info = allocation_counter::measure(|| all.extend((0..viewers).map(|_| open(self))));
        info.bytes_current / viewers as i64
    }

    /// Blocks allocated in so many rounds, after as many to warm up.
    fn blocks_of(&mut self, rounds: u64, mut round: impl FnMut(&mut Self)) -> u64 {
        for _ in 0..rounds {
            round(self);
        }
        let info = allocation_counter::measure(|| {
            for _ in 0..rounds {
                round(self);
            }
        });
        info.count_total
    }
}

/// Bytes that a client's frame has more than a server's.
const MASK_BYTES: usize = 4;
