//! The whole server on a simulated network: writes cut short, stalls and resets at every byte,
//! reads cut at every byte. The bytes are the same, the goodbye is one, and nothing stays behind.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::time::Duration;

use crampon::action::{Action, Declaration};
use crampon::prelude::*;
use crampon::protocol::websocket::masked;
use crampon::reactor::{Peer, Reactor, Simulation};
use crampon::transport::Transport;
use crampon_tests::{WIRES, declared, opening};

/// Says two things and a published one, a little time between them, and finishes.
struct Story<const WIRE: usize> {
    goodbyes: Goodbyes,
}

type Goodbyes = Rc<RefCell<Vec<FinishReason>>>;

impl<const WIRE: usize> Action for Story<WIRE> {
    const DECLARATION: Declaration = declared("Story", WIRE);
}

#[callbacks]
impl<const WIRE: usize> Story<WIRE> {
    #[on_start]
    fn begin(&mut self, cx: &mut Context<Self>) {
        cx.subscribe("room");
        if cx.transport() != Transport::LongPolling {
            cx.render("once upon a time");
        }
        cx.after(Duration::from_secs(1), |_, cx| {
            cx.publish("room", "x".repeat(1500));
            cx.after(Duration::from_secs(1), |_, cx| cx.finish());
        });
    }

    #[on_finish]
    fn left(&mut self, cx: &mut Context<Self>) {
        self.goodbyes.borrow_mut().push(cx.finish_reason());
    }
}

/// Answers with the body.
#[action(transport = regular)]
struct Echo {
    goodbyes: Goodbyes,
}

#[callbacks]
impl Echo {
    #[on_data]
    fn received(&mut self, cx: &mut Context<Self>, body: &[u8]) {
        cx.render(body);
        cx.finish();
    }

    #[on_finish]
    fn left(&mut self, cx: &mut Context<Self>) {
        self.goodbyes.borrow_mut().push(cx.finish_reason());
    }
}

/// A server in memory.
struct World {
    reactor: Reactor,
    simulation: Simulation,
    address: SocketAddr,
    goodbyes: Goodbyes,
}

impl World {
    fn new() -> Self {
        let (mut reactor, simulation) = Reactor::simulated(1);
        let listener = simulation.listen(([10, 0, 0, 1], 80).into()).expect("the address is free");
        let address = listener.local_addr().expect("it listens");
        let goodbyes = Goodbyes::default();
        let [regular, chunked, sse, long_polling, websocket, echo] =
            [(); 6].map(|()| goodbyes.clone());
        let routes = Routes::new()
            .at("/regular", move || Story::<0> { goodbyes: regular.clone() })
            .at("/chunked", move || Story::<1> { goodbyes: chunked.clone() })
            .at("/sse", move || Story::<2> { goodbyes: sse.clone() })
            .at("/long_polling", move || Story::<3> { goodbyes: long_polling.clone() })
            .at("/websocket", move || Story::<4> { goodbyes: websocket.clone() })
            .post("/echo", move || Echo { goodbyes: echo.clone() })
            .files("/", concat!(env!("CARGO_MANIFEST_DIR"), "/ui"));
        Server::on(listener).attach(&mut reactor, routes).expect("the routes can be served");
        Self { reactor, simulation, address, goodbyes }
    }

    fn connect(&mut self) -> Peer {
        let peer = self.simulation.connect(self.address).expect("it listens");
        self.settle();
        peer
    }

    fn settle(&mut self) {
        self.pass(Duration::ZERO);
    }

    fn pass(&mut self, time: Duration) {
        self.reactor.advance(time).expect("it comes to rest");
    }

    fn goodbyes(&self) -> Vec<FinishReason> {
        std::mem::take(&mut *self.goodbyes.borrow_mut())
    }

    /// Sends a request and lets the story take its time; what was answered until then.
    fn tell(&mut self, peer: &Peer, request: &[u8]) -> Vec<u8> {
        peer.send(request);
        self.pass(Duration::from_secs(3));
        peer.receive()
    }

    /// Shows that the server is as good as new, by a whole answer on a new connection.
    fn expect_as_new(&mut self, what: &str) {
        let peer = self.connect();
        let answer = self.tell(&peer, &REGULAR.bytes());
        assert!(answer.ends_with(b"0\r\n\r\n"), "after {what}: {}", answer.escape_ascii());
        assert_eq!(self.goodbyes(), [FinishReason::Finished], "after {what}");
    }
}

/// A kind of answer.
#[derive(Clone, Copy)]
enum Case {
    Story(Transport),
    Echo,
    File,
}

const REGULAR: Case = Case::Story(Transport::Regular);

fn cases() -> impl Iterator<Item = Case> {
    WIRES.into_iter().map(Case::Story).chain([Case::Echo, Case::File])
}

impl Case {
    /// The request.
    fn bytes(self) -> Vec<u8> {
        match self {
            Self::Story(transport) => opening(transport),
            Self::Echo => {
                b"POST /echo HTTP/1.1\r\nhost: test\r\ntransfer-encoding: chunked\r\n\r\n\
                5\r\nhello\r\n6\r\n world\r\n0\r\nend: yes\r\n\r\n"
                    .to_vec()
            }
            Self::File => b"GET /no_transport.rs HTTP/1.1\r\nhost: test\r\n\r\n".to_vec(),
        }
    }

    fn name(self) -> String {
        match self {
            Self::Story(transport) => transport.to_string(),
            Self::Echo => "echo".into(),
            Self::File => "file".into(),
        }
    }

    /// How many goodbyes the action says when its request was heard.
    fn goodbyes(self) -> usize {
        usize::from(!matches!(self, Self::File))
    }

    /// The answer when nothing ails the wire, but for its date.
    fn whole(self) -> Vec<u8> {
        let mut world = World::new();
        let peer = world.connect();
        let answer = world.tell(&peer, &self.bytes());
        assert_eq!(world.goodbyes().len(), self.goodbyes(), "{}", self.name());
        undated(answer)
    }
}

/// The bytes with one date for all.
fn undated(mut answer: Vec<u8>) -> Vec<u8> {
    let name = b"\r\ndate: ";
    if let Some(at) = answer.windows(name.len()).position(|bytes| bytes == name) {
        let from = at + name.len();
        answer.splice(from..from + 29, *b"Thu, 01 Jan 1970 00:00:00 GMT");
    }
    answer
}

#[test]
fn short_writes_lose_nothing() {
    for case in cases() {
        let whole = case.whole();
        for bytes in [1, 2, 3, 7] {
            let mut world = World::new();
            let peer = world.connect();
            peer.set_write_max(Some(bytes));
            let answer = world.tell(&peer, &case.bytes());
            assert_eq!(undated(answer), whole, "{} by {bytes}", case.name());
        }
    }
}

#[test]
fn a_stall_at_any_byte_loses_nothing() {
    for case in cases() {
        let whole = case.whole();
        let mut world = World::new();
        for cut in 0..whole.len() {
            let peer = world.connect();
            peer.set_window(Some(cut));
            let mut answer = world.tell(&peer, &case.bytes());
            assert_eq!(answer.len(), cut, "{}", case.name());
            peer.set_window(None);
            world.settle();
            answer.extend(peer.receive());
            let (answer, name) = (undated(answer), case.name());
            assert!(answer == whole, "{name} at {cut}: {}", answer.escape_ascii());
        }
        assert_eq!(world.goodbyes().len(), whole.len() * case.goodbyes());
    }
}

#[test]
fn a_reset_at_any_byte_written_is_one_goodbye_and_leaves_nothing_behind() {
    for case in cases() {
        let length = case.whole().len();
        let mut world = World::new();
        for cut in 0..length {
            let peer = world.connect();
            peer.reset_after(cut);
            world.tell(&peer, &case.bytes());
            assert!(peer.is_closed(), "{} at {cut}", case.name());
            // A connection that was reset before its request was read never had an action.
            let goodbyes = world.goodbyes().len();
            let expected = if cut == 0 { 0 } else { case.goodbyes() };
            assert_eq!(goodbyes, expected, "{} at {cut}", case.name());
        }
        world.expect_as_new(&case.name());
    }
}

#[test]
fn a_request_read_in_any_pieces_is_answered_the_same() {
    for case in cases() {
        let (whole, request) = (case.whole(), case.bytes());
        for bytes in [1, 2, 3, 7] {
            let mut world = World::new();
            let peer = world.connect();
            peer.set_read_max(Some(bytes));
            let answer = world.tell(&peer, &request);
            assert_eq!(undated(answer), whole, "{} by {bytes}", case.name());
        }
        let mut world = World::new();
        for cut in 0..request.len() {
            let peer = world.connect();
            peer.send(&request[..cut]);
            world.settle();
            let answer = world.tell(&peer, &request[cut..]);
            assert!(undated(answer) == whole, "{} cut at {cut}", case.name());
        }
    }
}

#[test]
fn a_reset_or_an_end_at_any_byte_of_a_request_leaves_nothing_behind() {
    for case in cases() {
        let request = case.bytes();
        for leave in [Peer::reset, Peer::finish] {
            let mut world = World::new();
            for cut in 0..request.len() {
                let peer = world.connect();
                peer.send(&request[..cut]);
                world.settle();
                leave(&peer);
                world.settle();
                assert!(peer.is_closed(), "{} at {cut}", case.name());
                let goodbyes = world.goodbyes();
                assert!(goodbyes.len() <= 1, "{} at {cut}: {goodbyes:?}", case.name());
                let is_heard = request[..cut].windows(4).any(|end| end == b"\r\n\r\n");
                assert_eq!(goodbyes.len(), usize::from(is_heard), "{} at {cut}", case.name());
            }
            world.expect_as_new(&case.name());
        }
    }
}

#[test]
fn a_half_close_at_any_moment_of_an_answer_is_one_goodbye() {
    for case in cases() {
        let length = case.whole().len();
        let mut world = World::new();
        for cut in 0..length {
            let peer = world.connect();
            peer.set_window(Some(cut));
            peer.send(&case.bytes());
            world.settle();
            peer.finish();
            world.settle();
            peer.set_window(None);
            world.pass(Duration::from_secs(3));
            assert!(peer.is_closed(), "{} at {cut}", case.name());
            assert_eq!(world.goodbyes().len(), case.goodbyes(), "{} at {cut}", case.name());
        }
        world.expect_as_new(&case.name());
    }
}

#[test]
fn a_socket_s_messages_cut_anywhere_are_heard_the_same() {
    /// Says back what it hears.
    #[action(transport = websocket)]
    struct Parrot;

    #[callbacks]
    impl Parrot {
        #[on_data]
        fn heard(&mut self, cx: &mut Context<Self>, data: Data<'_>) {
            cx.render(data);
        }
    }

    let (mut reactor, simulation) = Reactor::simulated(1);
    let listener = simulation.listen(([10, 0, 0, 1], 80).into()).expect("the address is free");
    let address = listener.local_addr().expect("it listens");
    let routes = Routes::new().at("/websocket", || Parrot);
    Server::on(listener).attach(&mut reactor, routes).expect("the route can be served");
    let mut settle = || reactor.advance(Duration::ZERO).expect("it comes to rest");

    let mut said = Vec::new();
    masked::encode_text(&mut said, [1, 2, 3, 4], "one");
    masked::encode_ping(&mut said, [5; 4], b"?");
    masked::encode_binary(&mut said, [6; 4], &[7; 300]);
    masked::encode_close(&mut said, [8; 4], Some((1000, "bye"))).expect("the code can be sent");
    let mut heard = b"\x81\x03one\x8a\x01?\x82\x7e\x01\x2c".to_vec();
    heard.extend([7; 300]);
    heard.extend(b"\x88\x02\x03\xe8");
    for cut in 0..said.len() {
        let peer = simulation.connect(address).expect("it listens");
        peer.send(&opening(Transport::Websocket));
        settle();
        peer.receive();
        peer.send(&said[..cut]);
        settle();
        let mut answer = peer.receive();
        peer.send(&said[cut..]);
        settle();
        answer.extend(peer.receive());
        assert_eq!(answer, heard, "cut at {cut}");
        assert!(peer.is_closed() && !peer.was_reset());
    }
}

/// A long page, counted.
#[action(transport = regular)]
struct Page {
    served: Rc<Cell<usize>>,
}

#[callbacks]
impl Page {
    #[on_start]
    fn show(&mut self, cx: &mut Context<Self>) {
        self.served.set(self.served.get() + 1);
        cx.render("x".repeat(100_000));
        cx.finish();
    }
}

#[test]
fn who_asks_on_and_on_and_takes_nothing_is_answered_no_further_than_the_outbox_holds() {
    let (mut reactor, simulation) = Reactor::simulated(1);
    let listener = simulation.listen(([10, 0, 0, 1], 80).into()).expect("the address is free");
    let address = listener.local_addr().expect("it listens");
    let served = Rc::new(Cell::new(0));
    let count = served.clone();
    let routes = Routes::new().at("/", move || Page { served: count.clone() });
    Server::on(listener).attach(&mut reactor, routes).expect("the route can be served");
    let mut settle = || reactor.advance(Duration::ZERO).expect("it comes to rest");

    let peer = simulation.connect(address).expect("it listens");
    peer.set_window(Some(0));
    peer.send("GET / HTTP/1.1\r\nhost: test\r\n\r\n".repeat(1000).as_bytes());
    settle();
    assert!(served.get() <= 12, "{} pages of 100 kB wait", served.get());
    peer.set_window(Some(2_000_000));
    settle();
    assert!((20..=32).contains(&served.get()), "{} pages", served.get());
    peer.set_window(None);
    settle();
    assert_eq!(served.get(), 1000, "they all were in earnest");
    assert!(peer.receive().len() > 100_000_000);
}

#[test]
fn a_thousand_that_connect_at_once_are_all_let_in() {
    let mut world = World::new();
    let peers: Vec<Peer> =
        (0..1000).map(|_| world.simulation.connect(world.address).expect("it listens")).collect();
    for peer in &peers {
        peer.send(&Case::Echo.bytes());
    }
    world.settle();
    assert!(peers.iter().all(|peer| peer.receive().ends_with(b"hello world")));
    assert_eq!(world.goodbyes().len(), 1000);
}

/// Says much, and closes.
#[action(transport = websocket, keep_alive = off)]
struct Farewell {
    goodbyes: Goodbyes,
}

#[callbacks]
impl Farewell {
    #[on_start]
    fn begin(&mut self, cx: &mut Context<Self>) {
        cx.render("x".repeat(100_000));
        cx.finish();
    }

    #[on_finish]
    fn left(&mut self, cx: &mut Context<Self>) {
        self.goodbyes.borrow_mut().push(cx.finish_reason());
    }
}

#[test]
fn a_reader_that_is_slow_but_steady_gets_everything() {
    let (mut reactor, simulation) = Reactor::simulated(1);
    let listener = simulation.listen(([10, 0, 0, 1], 80).into()).expect("the address is free");
    let address = listener.local_addr().expect("it listens");
    let goodbyes = Goodbyes::default();
    let kept = goodbyes.clone();
    let routes = Routes::new()
        .at("/regular", move || Page { served: Rc::default() })
        .at("/websocket", move || Farewell { goodbyes: kept.clone() });
    Server::on(listener).attach(&mut reactor, routes).expect("the routes can be served");

    for (transport, end) in [(Transport::Regular, &b"xxx"[..]), (Transport::Websocket, b"\x03\xe8")]
    {
        let peer = simulation.connect(address).expect("it listens");
        peer.send(&opening(transport));
        let mut answer = Vec::new();
        // A kilobyte every 20 seconds, for half an hour: within what a write may take.
        for _ in 0..101 {
            peer.set_window(Some(1000));
            reactor.advance(Duration::from_secs(20)).expect("it comes to rest");
            answer.extend(peer.receive());
            assert!(!peer.is_closed() || answer.len() > 100_000, "{transport}: {}", answer.len());
        }
        assert!(answer.len() > 100_000 && answer.ends_with(end), "{transport}: {}", answer.len());
        reactor.advance(Duration::from_secs(80)).expect("it comes to rest");
        assert!(peer.is_closed(), "{transport}: its silence counts after the last byte");
    }
    assert_eq!(*goodbyes.borrow(), [FinishReason::Finished]);
}

#[test]
fn a_flood_of_pings_from_a_peer_that_does_not_read_is_answered_by_the_newest() {
    let mut world = World::new();
    let peer = world.connect();
    peer.send(&opening(Transport::Websocket));
    world.settle();
    peer.receive();
    peer.set_window(Some(0));
    // Something waits: the published message of the story, 1,504 bytes as a frame.
    world.pass(Duration::from_millis(1500));
    let mut pings = Vec::new();
    for number in 0..10_000 {
        masked::encode_ping(&mut pings, [3; 4], format!("{number:>100}").as_bytes());
    }
    peer.send(&pings);
    world.settle();
    peer.set_window(None);
    world.settle();
    let answer = peer.receive();
    let pong = [b"\x8a\x64".to_vec(), format!("{:>100}", 9_999).into_bytes()].concat();
    assert_eq!(answer.len(), 1504 + pong.len(), "one message and one pong");
    assert!(answer.starts_with(&pong) || answer.ends_with(&pong), "the newest");
}
