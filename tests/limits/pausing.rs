//! `cx.pause()` and `cx.resume()`: a sender is held back by TCP, nothing piles up, nothing is lost,
//! and one who is gone meanwhile is noticed.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crampon::Running;
use crampon::action::FinishReason;
use crampon::prelude::*;
use crampon::reactor::Reactor;
use crampon::trial::{Trial, Visit};
use crampon_tests::Request;

use super::Scene;

/// Weighs what it is sent, and pauses at the first part of it until the gate opens.
#[action(transport = regular | websocket, body_bytes_max = UPLOAD_BYTES)]
#[derive(Default)]
struct Gate {
    bytes: usize,
}

#[callbacks]
impl Gate {
    #[on_start]
    fn watch(&mut self, cx: &mut Context<Self>) {
        cx.subscribe("gate");
    }

    #[on_data(stream)]
    fn weigh(&mut self, cx: &mut Context<Self>, part: Part<'_>) {
        if self.bytes == 0 {
            cx.pause();
        }
        self.bytes += part.bytes.len();
        if self.bytes == UPLOAD_BYTES {
            cx.render(format!("{} bytes", self.bytes));
            cx.finish();
        }
    }

    #[on_message]
    fn open(&mut self, cx: &mut Context<Self>, _: &Message) {
        cx.resume();
    }
}

/// Takes one part a millisecond.
#[action(transport = regular, body_bytes_max = UPLOAD_BYTES)]
struct Turnstile;

#[callbacks]
impl Turnstile {
    #[on_data(stream)]
    fn take(&mut self, cx: &mut Context<Self>, _: Part<'_>) {
        cx.pause();
        cx.after(Duration::from_millis(1), |_, cx: &mut Context<Self>| cx.resume());
    }
}

/// Says what it is told once the gate is open.
#[action(transport = websocket)]
#[derive(Default)]
struct Porter;

#[callbacks]
impl Porter {
    #[on_start]
    fn close(&mut self, cx: &mut Context<Self>) {
        cx.subscribe("gate");
        cx.pause();
    }

    #[on_data]
    fn say(&mut self, cx: &mut Context<Self>, text: &str) {
        cx.render(text);
        cx.publish("hall", text);
    }

    #[on_message]
    fn open(&mut self, cx: &mut Context<Self>, _: &Message) {
        cx.resume();
    }
}

/// Hears what was said at the door.
#[action(transport = sse, subscribe = "hall")]
struct Hall;

#[callbacks]
impl Hall {}

const UPLOAD_BYTES: usize = 64 * 1024 * 1024;

/// What the kernels of both sides hold between them at the most: 4 MiB to send, 6 to receive.
const KERNEL_BYTES: usize = 16 * 1024 * 1024;

/// What the server may hold of an upload: its read buffer, and as much that is kept of it.
const HELD_BYTES: u64 = 1024 * 1024;

fn routes() -> Routes {
    Routes::new()
        .post("/gate", Gate::default)
        .at("/socket", Gate::default)
        .post("/turnstile", || Turnstile)
        .at("/porter", Porter::default)
        .at("/hall", || Hall)
}

/// A server on a real socket, on a loop that turns while its one sender writes.
struct House {
    reactor: Reactor,
    running: Running,
    sender: TcpStream,
}

impl House {
    fn open(request: &Request) -> Self {
        let mut reactor = Reactor::new().expect("descriptors are left");
        let server = Server::bind("127.0.0.1:0").expect("a port is free");
        let server = server.limits(|limits| limits.message_bytes_max = UPLOAD_BYTES);
        let running = server.attach(&mut reactor, routes()).expect("the routes are good");
        let address = running.local_addr().expect("it listens on TCP");
        let mut sender = TcpStream::connect(address).expect("the server listens");
        sender.set_nonblocking(true).expect("the stream is connected");
        sender.write_all(&request.bytes()).expect("there is room for a head");
        Self { reactor, running, sender }
    }

    fn turn(&mut self) {
        self.reactor.turn(Some(Duration::ZERO)).expect("the selector works");
    }

    /// Writes over and over until so much is written, or nothing more is taken however often the
    /// loop turns; says how much that was.
    fn pour(&mut self, bytes: &[u8], most: usize) -> usize {
        let (mut written, mut refused) = (0, 0);
        while written < most && refused < TURNS {
            let from = written % bytes.len();
            let until = bytes.len().min(from + most - written);
            match self.sender.write(&bytes[from..until]) {
                Ok(taken) => {
                    written += taken;
                    refused = 0;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => refused += 1,
                Err(error) => panic!("the server broke off: {error}"),
            }
            self.turn();
        }
        written
    }

    fn read_until(&mut self, end: &str) {
        let mut heard = Vec::new();
        let mut buffer = [0; 4096];
        while !String::from_utf8_lossy(&heard).contains(end) {
            self.turn();
            match self.sender.read(&mut buffer) {
                Ok(0) => panic!("the server hung up"),
                Ok(bytes) => heard.extend_from_slice(&buffer[..bytes]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => panic!("nothing can be read: {error}"),
            }
        }
    }
}

/// Turns of the loop without a byte taken after which a sender is taken for held back.
const TURNS: usize = 2_000;

#[test]
fn an_upload_that_is_paused_stalls_in_the_kernel_and_then_arrives_whole() {
    let upload = Request::post("/gate", "");
    let upload =
        upload.announcing(crampon::protocol::http::BodyLength::Length(UPLOAD_BYTES as u64));
    let mut house = House::open(&upload);
    holds_back(&mut house, &[b'x'; 64 * 1024], UPLOAD_BYTES);
    house.read_until("67108864 bytes");
}

#[test]
fn a_socket_that_is_paused_stalls_in_the_kernel_and_then_all_is_heard() {
    let mut house = House::open(&Request::upgrade("/socket", &[]));
    house.read_until("\r\n\r\n");
    let mut message = vec![0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    message.resize(message.len() + 64 * 1024, b'x');
    holds_back(&mut house, &message, UPLOAD_BYTES / (64 * 1024) * message.len());
    house.read_until("67108864 bytes");
}

/// Sends all of it to a gate that opens when its sender has stalled.
fn holds_back(house: &mut House, bytes: &[u8], most: usize) {
    let held = allocation_counter::measure(|| {
        let before = house.pour(bytes, most);
        assert!(before < KERNEL_BYTES, "{before} bytes were taken though nobody reads");
        house.running.publish("gate", "opens").expect("it runs");
        let rest = &bytes[before % bytes.len()..];
        let begun = house.pour(rest, rest.len());
        assert_eq!(begun, rest.len(), "it goes on when the gate is open");
        let left = most - before - begun;
        assert_eq!(house.pour(bytes, left), left);
    });
    assert!(held.bytes_max < HELD_BYTES, "{} bytes were held at a time", held.bytes_max);
}

#[test]
fn an_upload_that_is_paused_at_every_part_does_not_pile_up() {
    let upload = Request::post("/turnstile", "");
    let upload = upload.announcing(crampon::protocol::http::BodyLength::Chunked);
    let mut house = House::open(&upload);
    let chunk = [b"400\r\n".to_vec(), vec![b'x'; 1024], b"\r\n".to_vec()].concat();
    let held = allocation_counter::measure(|| {
        let taken = house.pour(&chunk, KERNEL_BYTES);
        assert!(taken < KERNEL_BYTES);
        // A second in which a thousand parts are taken, and as many times it is read on.
        let until = std::time::Instant::now() + Duration::from_secs(1);
        while std::time::Instant::now() < until {
            house.turn();
        }
    });
    assert!(held.bytes_max < HELD_BYTES, "{} bytes were held at a time", held.bytes_max);
}

fn scene() -> Scene {
    Scene::new(routes(), |_| {})
}

fn paused_upload(scene: &Scene) -> Trial {
    let upload = scene.world.visit(Visit::post("/gate", "").announcing(UPLOAD_BYTES as u64));
    upload.send_bytes(b"the first part");
    upload
}

fn paused_socket(scene: &Scene) -> Trial {
    let mut socket = scene.world.socket("/porter");
    socket.send("one").send("two").expect_nothing();
    socket
}

#[test]
fn the_time_for_a_body_rests_while_it_is_paused() {
    let scene = scene();
    let mut upload = paused_upload(&scene);
    upload.advance(Duration::from_secs(3600)).expect_no_finish();
    scene.world.publish("gate", "opens");
    upload.advance(Duration::from_millis(29_999)).expect_no_finish();
    upload.advance(Duration::from_millis(1)).expect_status(408);
}

#[test]
fn the_time_for_a_pong_rests_while_a_socket_is_paused() {
    let scene = scene();
    let mut socket = paused_socket(&scene);
    socket.ignore_pings().advance(Duration::from_secs(3600)).expect_no_finish();
    scene.world.publish("gate", "opens");
    socket.expect_render("one").expect_render("two");
    // Pinged within 25 s, and given 20 s for the pong.
    socket.advance(Duration::from_secs(46)).expect_finish(FinishReason::TimedOut);
}

#[test]
fn a_paused_sender_that_resets_is_noticed_at_once() {
    let scene = scene();
    for mut paused in [paused_upload(&scene), paused_socket(&scene)] {
        paused.wire().reset();
        paused.advance(Duration::ZERO).expect_finish(FinishReason::Disconnected { code: None });
    }
}

#[test]
fn a_paused_sender_that_is_gone_is_noticed_if_it_is_not_heard_out() {
    let scene = scene();
    for mut paused in [paused_upload(&scene), paused_socket(&scene)] {
        paused.ignore_pings().advance(Duration::from_secs(100));
        paused.wire().finish();
        paused.advance(Duration::from_millis(29_999)).expect_no_finish();
        paused.advance(Duration::from_millis(1));
        paused.expect_finish(FinishReason::Disconnected { code: None });
    }
}

#[test]
fn what_a_paused_sender_said_before_it_went_is_heard() {
    let scene = scene();
    let mut hall = scene.world.events("/hall");
    let mut socket = paused_socket(&scene);
    socket.ignore_pings().wire().finish();
    socket.advance(Duration::from_secs(29));
    hall.expect_nothing();
    scene.world.publish("gate", "opens");
    hall.expect_render("one").expect_render("two");
    socket.expect_finish(FinishReason::Disconnected { code: None });
}
