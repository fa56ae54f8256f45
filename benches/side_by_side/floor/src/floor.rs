//! The loop: epoll, recv, send, and arithmetic.

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::time::{Duration, Instant};

use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};
use rustix::io::Errno;
use rustix::net::{self, AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, sockopt};

use crate::lesson::{Speech, framed, learn};
use crate::opening::{ROLES, Role, open};

/// The server.
pub struct Floor {
    epoll: OwnedFd,
    listener: OwnedFd,
    /// By descriptor.
    connections: Vec<Option<Connection>>,
    /// Descriptors of those who hear what is published.
    subscribers: Vec<RawFd>,
    /// Who is told of the next second, the nearest first.
    beats: VecDeque<Beat>,
    /// Bytes of a message; none before the first was learned.
    message_bytes: usize,
    /// What has come of the first.
    learning: Vec<u8>,
    /// What those of each role are told for a message.
    speeches: [Speech; ROLES],
    /// Messages published in this round.
    published: usize,
    input: Vec<u8>,
}

struct Connection {
    socket: OwnedFd,
    role: Role,
    /// The answer is the last.
    closes: bool,
    /// The loop says when more can be said.
    waits: bool,
    /// Bytes of a message that has not come whole.
    part: u32,
    /// Bytes said, as far as it matters for which come next.
    said: u32,
    /// Bytes to be said.
    owed: u32,
}

struct Beat {
    at: Instant,
    to: RawFd,
    count: u64,
}

impl Floor {
    /// Listens on a port of this machine.
    pub fn bind(port: u16) -> io::Result<Self> {
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        let listener = net::socket_with(AddressFamily::INET, SocketType::STREAM, flags, None)?;
        sockopt::set_socket_reuseaddr(&listener, true)?;
        net::bind(&listener, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, port))?;
        net::listen(&listener, 4096)?;
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        watch(&epoll, &listener)?;
        Ok(Self {
            epoll,
            listener,
            connections: Vec::new(),
            subscribers: Vec::new(),
            beats: VecDeque::new(),
            message_bytes: 0,
            learning: Vec::new(),
            speeches: Default::default(),
            published: 0,
            input: vec![0; 256 * 1024],
        })
    }

    /// Serves until it is killed.
    pub fn serve(mut self) -> io::Result<()> {
        let mut events = Vec::with_capacity(1024);
        loop {
            events.clear();
            let patience = self.beats.front().map(|beat| until(beat.at));
            match epoll::wait(&self.epoll, spare_capacity(&mut events), patience.as_ref()) {
                // Who traces it interrupts it.
                Err(Errno::INTR) => continue,
                waited => waited?,
            };
            for event in &events {
                let fd = { event.data }.u64() as RawFd;
                if fd == self.listener.as_raw_fd() {
                    self.accept()?;
                    continue;
                }
                let flags = { event.flags };
                if flags.contains(epoll::EventFlags::OUT) {
                    self.pay(fd);
                }
                if flags.intersects(!epoll::EventFlags::OUT) {
                    self.receive(fd);
                }
            }
            if self.published > 0 {
                self.deliver();
            }
            self.beat();
        }
    }

    fn accept(&mut self) -> io::Result<()> {
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        loop {
            let socket = match net::accept_with(&self.listener, flags) {
                Err(Errno::AGAIN) => return Ok(()),
                Err(Errno::CONNABORTED) => continue,
                socket => socket?,
            };
            sockopt::set_tcp_nodelay(&socket, true)?;
            watch(&self.epoll, &socket)?;
            let at = socket.as_raw_fd() as usize;
            if at >= self.connections.len() {
                self.connections.resize_with(at + 1, || None);
            }
            self.connections[at] = Some(Connection {
                socket,
                role: Role::New,
                closes: false,
                waits: false,
                part: 0,
                said: 0,
                owed: 0,
            });
        }
    }

    fn receive(&mut self, fd: RawFd) {
        let Some(connection) = &mut self.connections[fd as usize] else { return };
        let bytes = match net::recv(&connection.socket, &mut self.input[..], RecvFlags::empty()) {
            Err(Errno::AGAIN) => return,
            Ok((bytes @ 1.., _)) => bytes,
            _ => return self.close(fd),
        };
        let said = &self.input[..bytes];
        if connection.role == Role::New {
            let (role, greeting) = open(said);
            connection.role = role;
            match role {
                Role::SocketFeed | Role::PackedFeed | Role::StreamFeed => self.subscribers.push(fd),
                Role::SocketClock | Role::StreamClock => {
                    self.beats.push_back(Beat { at: Instant::now() + SECOND, to: fd, count: 1 });
                }
                Role::Request => connection.closes = closes(said),
                _ => {}
            }
            if role != Role::Request {
                // The socket is new and takes it.
                let _ = net::send(&connection.socket, greeting, SendFlags::NOSIGNAL);
                return;
            }
        }
        if connection.role != Role::Request && connection.part == 0 && is_close(said[0]) {
            let _ = net::send(&connection.socket, &[0x88, 0], SendFlags::NOSIGNAL);
            return self.close(fd);
        }
        if self.message_bytes == 0 {
            self.learning.extend_from_slice(said);
            let Some((bytes, speeches)) = learn(connection.role, &self.learning) else { return };
            self.message_bytes = bytes;
            for (role, speech) in speeches {
                self.speeches[role as usize] = speech;
            }
            connection.part = (self.learning.len() - said.len()) as u32;
        }
        let part = connection.part as usize + bytes;
        let messages = part / self.message_bytes;
        connection.part = (part % self.message_bytes) as u32;
        match connection.role {
            Role::Publisher => self.published += messages,
            role => {
                let is_last = connection.closes && messages > 0;
                connection.owed += (messages * self.speeches[role as usize].period()) as u32;
                self.pay(fd);
                if is_last {
                    self.close(fd);
                }
            }
        }
    }

    /// Says what was published to all who hear it.
    fn deliver(&mut self) {
        let published = std::mem::take(&mut self.published);
        for at in 0..self.subscribers.len() {
            let fd = self.subscribers[at];
            let Some(connection) = &mut self.connections[fd as usize] else { continue };
            let period = self.speeches[connection.role as usize].period();
            connection.owed += (published * period) as u32;
            self.pay(fd);
        }
    }

    /// Tells those whose second is over.
    fn beat(&mut self) {
        let now = Instant::now();
        while let Some(beat) = self.beats.pop_front_if(|beat| beat.at <= now) {
            let Some(connection) = &self.connections[beat.to as usize] else { continue };
            let tick = format!("tick {}", beat.count);
            let tick = match connection.role {
                Role::SocketClock => framed(0x81, tick.as_bytes()),
                _ => format!("data: {tick}\n\n").into_bytes(),
            };
            // Who does not take it has left.
            let _ = net::send(&connection.socket, &tick, SendFlags::NOSIGNAL);
            self.beats.push_back(Beat { at: beat.at + SECOND, count: beat.count + 1, ..beat });
        }
    }

    /// Says as much of what is owed as is taken.
    fn pay(&mut self, fd: RawFd) {
        let Some(connection) = &mut self.connections[fd as usize] else { return };
        let speech = &self.speeches[connection.role as usize];
        while connection.owed > 0 {
            let bytes = speech.next(connection.said as usize, connection.owed as usize);
            match net::send(&connection.socket, bytes, SendFlags::NOSIGNAL) {
                Ok(sent) => {
                    connection.owed -= sent as u32;
                    let said = connection.said as usize + sent;
                    connection.said = (said % speech.period()) as u32;
                    if sent == bytes.len() {
                        continue;
                    }
                }
                Err(Errno::AGAIN) => {}
                Err(_) => return self.close(fd),
            }
            break;
        }
        let waits = connection.owed > 0;
        if waits != connection.waits {
            connection.waits = waits;
            let out = if waits { epoll::EventFlags::OUT } else { epoll::EventFlags::empty() };
            let data = epoll::EventData::new_u64(fd as u64);
            let interest = epoll::EventFlags::IN | out;
            let _ = epoll::modify(&self.epoll, &connection.socket, data, interest);
        }
    }

    fn close(&mut self, fd: RawFd) {
        if let Some(connection) = self.connections[fd as usize].take() {
            if matches!(connection.role, Role::SocketFeed | Role::PackedFeed | Role::StreamFeed) {
                self.subscribers.retain(|subscriber| *subscriber != fd);
            }
            self.beats.retain(|beat| beat.to != fd);
        }
    }
}

/// Has the loop wait for what there is to read.
fn watch(epoll: &OwnedFd, socket: &OwnedFd) -> rustix::io::Result<()> {
    let data = epoll::EventData::new_u64(socket.as_raw_fd() as u64);
    epoll::add(epoll, socket, data, epoll::EventFlags::IN)
}

fn until(at: Instant) -> Timespec {
    let left = at.saturating_duration_since(Instant::now());
    Timespec { tv_sec: left.as_secs() as i64, tv_nsec: left.subsec_nanos().into() }
}

/// Whether a frame that begins so is a close.
fn is_close(first: u8) -> bool {
    first & 0x0f == 8
}

/// Whether a request says that it is the last of its connection.
fn closes(request: &[u8]) -> bool {
    request.windows(CLOSE.len()).any(|bytes| bytes == CLOSE)
}

const CLOSE: &[u8] = b"Connection: close\r\n";

const SECOND: Duration = Duration::from_secs(1);
