//! What readers who never read cost those who do, by the policy of their channel.
//!
//! Two servers with the same readers; one has ten more who never read, and so overflow. From one
//! publisher each message goes out when all have heard the last.

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crampon_benches::{Child, open, open_on, websocket_head};
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use socket2::{Domain, Socket, Type};

use crate::{median, subject};

pub const POLICIES: [&str; 4] = ["close", "drop_oldest", "drop_newest", "latest"];

/// Loads both servers in turn, and prints how late messages were and what they cost.
///
/// # Errors
/// When a connection is lost, or no descriptor is left.
pub fn measure(policy: &str) -> io::Result<()> {
    let outbox = OUTBOX_BYTES_MAX.to_string();
    let alone = Child::start(&[subject::ROLE, &outbox])?;
    let beside = Child::start(&[subject::ROLE, &outbox])?;
    let mut crowds = [Crowd::open(&alone, policy, 0)?, Crowd::open(&beside, policy, SLEEPERS)?];
    for crowd in &mut crowds {
        crowd.run()?;
    }
    let mut rounds = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for (crowd, rounds) in crowds.iter_mut().zip(&mut rounds) {
            rounds.push(crowd.run()?);
        }
    }
    println!("slow {policy}: {READERS} readers, without and with {SLEEPERS} who never read");
    row("p50 in ms from publishing to hearing", &rounds, |round| round.late(50));
    row("p99", &rounds, |round| round.late(99));
    row("processor time in us a delivery", &rounds, |round| round.micros_per_delivery);
    let (missed, said) = crowds[1].wake_one()?;
    println!("    one who never reads missed {missed} of {said} messages");
    let [alone, beside] = [alone.resident_bytes()?, beside.resident_bytes()?];
    println!(
        "    resident: {} and {} KiB; outboxes for those who never read may hold {} KiB",
        alone / 1024,
        beside / 1024,
        SLEEPERS * OUTBOX_BYTES_MAX / 1024
    );
    Ok(())
}

/// Prints the medians of a figure, without and with those who never read, and their ratio.
fn row(name: &str, rounds: &[Vec<Round>; 2], figure: fn(&Round) -> f64) {
    let [alone, beside] = [0, 1].map(|at| median(rounds[at].iter().map(figure).collect()));
    println!("    {name}: {alone:.2} and {beside:.2}, ratio {:.3}", beside / alone);
}

/// The readers of one server, and those who never read.
struct Crowd<'a> {
    server: &'a Child,
    policy: &'a str,
    poll: Poll,
    events: Events,
    readers: Vec<Reader>,
    sleepers: Vec<std::net::TcpStream>,
    sleepers_max: usize,
    publisher: std::net::TcpStream,
    published: usize,
    /// How many had been published when those who never read came.
    published_before: usize,
}

struct Reader {
    stream: TcpStream,
    /// Bytes of the next message that have arrived.
    part: usize,
}

/// What a round came to.
struct Round {
    /// From publishing to hearing, sorted.
    late: Vec<Duration>,
    micros_per_delivery: f64,
}

impl Round {
    /// How late so many in a hundred were at most, in milliseconds.
    fn late(&self, percent: usize) -> f64 {
        self.late[(self.late.len() - 1) * percent / 100].as_secs_f64() * 1e3
    }
}

impl<'a> Crowd<'a> {
    fn open(server: &'a Child, policy: &'a str, sleepers_max: usize) -> io::Result<Self> {
        let poll = Poll::new()?;
        let mut readers = Vec::new();
        for at in 0..READERS {
            let stream = open(server.address, &websocket_head(&path(policy)))?;
            stream.set_nonblocking(true)?;
            let mut stream = TcpStream::from_std(stream);
            poll.registry().register(&mut stream, Token(at), Interest::READABLE)?;
            readers.push(Reader { stream, part: 0 });
        }
        let publisher = websocket_head(&format!("{}/publish", path(policy)));
        Ok(Self {
            server,
            policy,
            poll,
            events: Events::with_capacity(1024),
            readers,
            sleepers: Vec::new(),
            sleepers_max,
            publisher: open(server.address, &publisher)?,
            published: 0,
            published_before: 0,
        })
    }

    /// Publishes a round of messages, each when all readers have the last.
    fn run(&mut self) -> io::Result<Round> {
        self.lay_to_sleep()?;
        let cpu = self.server.cpu()?;
        let mut late = Vec::new();
        let mut buffer = vec![0; 64 * 1024];
        for _ in 0..ROUND_MESSAGES {
            self.published += 1;
            let said = Instant::now();
            self.publisher.write_all(&message(self.published))?;
            let mut missing = self.readers.len();
            while missing > 0 {
                self.poll.poll(&mut self.events, None)?;
                for event in &self.events {
                    if self.readers[event.token().0].has_heard(&mut buffer)? {
                        late.push(said.elapsed());
                        missing -= 1;
                    }
                }
            }
        }
        let took = (self.server.cpu()? - cpu).as_secs_f64();
        let micros_per_delivery = took * 1e6 / late.len() as f64;
        late.sort_unstable();
        Ok(Round { late, micros_per_delivery })
    }

    /// Lets in those who never read; where they are closed for it, they have come back.
    fn lay_to_sleep(&mut self) -> io::Result<()> {
        if self.policy == "close" {
            self.sleepers.clear();
            self.published_before = self.published;
        }
        while self.sleepers.len() < self.sleepers_max {
            let stream = connect_narrow(self.server.address)?;
            self.sleepers.push(open_on(stream, &websocket_head(&path(self.policy)))?);
        }
        Ok(())
    }

    /// Has one who never read do so, and says how many messages it missed and of how many.
    fn wake_one(&mut self) -> io::Result<(usize, usize)> {
        let said = self.published - self.published_before;
        let mut sleeper = self.sleepers.pop().expect("some were laid to sleep");
        sleeper.set_read_timeout(Some(Duration::from_millis(200)))?;
        let (mut heard_bytes, mut buffer) = (0, vec![0; 64 * 1024]);
        while let Ok(bytes @ 1..) = sleeper.read(&mut buffer) {
            heard_bytes += bytes;
        }
        Ok((said - heard_bytes / MESSAGE_BYTES, said))
    }
}

impl Reader {
    /// Reads what there is, and says whether the message is whole now.
    fn has_heard(&mut self, buffer: &mut [u8]) -> io::Result<bool> {
        match self.stream.read(buffer) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(bytes) => self.part += bytes,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
            Err(error) => return Err(error),
        }
        let is_whole = self.part >= MESSAGE_BYTES;
        self.part %= MESSAGE_BYTES;
        Ok(is_whole)
    }
}

/// A connection with little room for what is not read, so that the server soon feels it.
fn connect_narrow(address: SocketAddr) -> io::Result<std::net::TcpStream> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    socket.set_recv_buffer_size(NARROW_BYTES)?;
    socket.connect(&address.into())?;
    Ok(socket.into())
}

fn path(policy: &str) -> String {
    format!("/overflow/{policy}")
}

/// A text message with a key of a hundred, masked with a mask that changes nothing.
fn message(number: usize) -> Vec<u8> {
    let mut frame = vec![0x81, 0x80 | 126];
    frame.extend_from_slice(&(PAYLOAD_BYTES as u16).to_be_bytes());
    frame.extend_from_slice(&[0; 4]);
    write!(frame, "{:02}{:x>width$}", number % 100, "", width = PAYLOAD_BYTES - 2)
        .expect("a vector takes it");
    frame
}

const READERS: usize = 990;

const SLEEPERS: usize = 10;

/// Messages of a round: several times what is let wait for one reader.
const ROUND_MESSAGES: usize = 100;

/// Bytes of what is said.
const PAYLOAD_BYTES: usize = 2048;

/// Bytes of it as a server frames it.
const MESSAGE_BYTES: usize = PAYLOAD_BYTES + 4;

/// Bytes that may wait for a reader: those who never read overflow within a round.
const OUTBOX_BYTES_MAX: usize = 32 * 1024;

/// Bytes of the receive buffer of one who never reads.
const NARROW_BYTES: usize = 16 * 1024;

/// Rounds of each server: enough for a median that a few disturbed ones do not move.
const ROUNDS: usize = 15;
