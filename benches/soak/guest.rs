//! One guest: its connection, what it does on it, and how that ends.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr};
use std::time::Duration;

use crampon::protocol::websocket::masked;
use crampon::reactor::{Interest, Readiness, Scope, Source, Stream, Timer};
use mio::net::TcpStream;
use socket2::{Domain, SockRef, Socket, Type};

use crate::ear::{Ear, Heard};
use crate::kind::{Deed, Kind, Manner, Then, Way};

/// A guest who is there.
pub struct Guest {
    pub kind: &'static Kind,
    pub source: Source,
    /// When it looks after its connection next.
    pub timer: Timer,
    stream: Stream,
    /// Its key in the crowd.
    key: usize,
    number: u64,
    ear: Ear,
    input: Vec<u8>,
    output: Vec<u8>,
    /// Whether it has heard anything since it last looked.
    has_heard: bool,
    /// How often it still looks before it leaves.
    looks: u32,
    is_leaving: bool,
}

/// What becomes of a guest.
#[derive(Debug)]
pub enum Fate {
    /// It is still there.
    Stays,
    /// It has gone by its own will.
    Left,
    /// The server has ended the connection of one who gave it reason to.
    Ended,
    /// The server has not done as it should.
    Wronged(String),
}

impl Guest {
    /// Connects, and says what it wants.
    ///
    /// # Errors
    /// What the system says, for instance that no descriptor is left.
    pub fn come(
        kind: &'static Kind,
        number: u64,
        server: SocketAddr,
        stay: Duration,
        key: usize,
        scope: &mut Scope<'_>,
    ) -> io::Result<Self> {
        let mut stream = connect(kind, number, server)?;
        let source = scope.register(&mut stream, key, Interest::READABLE | Interest::WRITABLE)?;
        let way = match kind.manner {
            Manner::Well(way) | Manner::Slow { way, .. } => way,
            Manner::Ill(_) => Way::Socket,
        };
        let timer = look_later(kind.pace(), key, scope);
        Ok(Self {
            kind,
            source,
            timer,
            stream,
            key,
            number,
            ear: Ear::new(way),
            input: Vec::new(),
            output: kind.opening(number),
            has_heard: false,
            looks: stay.div_duration_f64(kind.pace()) as u32,
            is_leaving: false,
        })
    }

    /// Something has happened on the connection.
    pub fn ready(&mut self, event: Readiness, scope: &mut Scope<'_>, buffer: &mut [u8]) -> Fate {
        if let Err(error) = self.write() {
            return self.ended(&error.to_string());
        }
        if let Manner::Slow { .. } = self.kind.manner {
            let is_over = event.read_closed || event.error;
            return if is_over { Fate::Ended } else { Fate::Stays };
        }
        for _ in 0..READS_PER_VISIT {
            let fate = match self.stream.read(buffer) {
                Ok(0) => self.ended("an end"),
                Ok(bytes) => self.hear(&buffer[..bytes], scope),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Fate::Stays,
                Err(error) => self.ended(&error.to_string()),
            };
            if !matches!(fate, Fate::Stays) {
                return fate;
            }
        }
        scope.revisit(self.source);
        Fate::Stays
    }

    /// It is time to look after the connection, and to do something.
    pub fn look(&mut self, scope: &mut Scope<'_>, buffer: &mut [u8]) -> Fate {
        let pace = self.kind.pace();
        self.timer = look_later(pace, self.key, scope);
        let fate = match self.kind.manner {
            Manner::Well(_) if self.is_leaving => Fate::Wronged("no answer to a close".into()),
            Manner::Ill(_) if self.is_leaving => Fate::Wronged("no end after a misdeed".into()),
            Manner::Ill(deed) => self.misbehave(deed, scope),
            _ if self.looks == 0 => self.leave(scope),
            Manner::Well(_) if !self.has_heard => Fate::Wronged(format!("silence for {pace:?}")),
            Manner::Well(way) => self.act(way, scope),
            Manner::Slow { reads: true, .. } => self.read_little(buffer),
            Manner::Slow { .. } => Fate::Stays,
        };
        self.looks = self.looks.saturating_sub(1);
        self.has_heard = false;
        fate
    }

    /// Goes: a WebSocket in good order as often as not, some with a reset, the rest without a word.
    pub fn leave(&mut self, scope: &mut Scope<'_>) -> Fate {
        let is_socket = matches!(self.kind.manner, Manner::Well(Way::Socket));
        if is_socket && self.number.is_multiple_of(2) {
            masked::encode_close(&mut self.output, mask(scope), Some((1000, "")))
                .expect("1000 may be sent");
            self.await_end(CLOSE_TIMEOUT, scope);
            return self.write_or_end();
        }
        if self.number % 10 == 3 {
            return self.reset();
        }
        Fate::Left
    }

    fn act(&mut self, way: Way, scope: &mut Scope<'_>) -> Fate {
        match way {
            Way::Socket => {
                let said = format!("guest {} is here. ", self.number).repeat(REPEATS);
                masked::encode_text(&mut self.output, mask(scope), &said);
            }
            Way::Visits => self.output.extend(way.opening(self.number, "")),
            Way::Stream | Way::Chunks | Way::Poll => {}
        }
        self.write_or_end()
    }

    fn misbehave(&mut self, deed: Deed, scope: &mut Scope<'_>) -> Fate {
        self.await_end(MISDEED_TIMEOUT, scope);
        self.output.extend_from_slice(deed.bytes);
        match (self.write_or_end(), deed.then) {
            (Fate::Stays, Then::Reset) => self.reset(),
            (Fate::Stays, Then::HalfClose) => match self.stream.shutdown(Shutdown::Write) {
                Ok(()) => Fate::Stays,
                Err(error) => self.ended(&error.to_string()),
            },
            (fate, _) => fate,
        }
    }

    /// Expects the server to end the connection, and looks again when that is too late.
    fn await_end(&mut self, timeout: Duration, scope: &mut Scope<'_>) {
        self.is_leaving = true;
        scope.cancel(self.timer);
        self.timer = scope.after(timeout, self.key as u64);
    }

    fn read_little(&mut self, buffer: &mut [u8]) -> Fate {
        match self.stream.read(&mut buffer[..LITTLE_BYTES]) {
            Ok(0) => Fate::Ended,
            Err(error) if error.kind() != ErrorKind::WouldBlock => Fate::Ended,
            _ => Fate::Stays,
        }
    }

    fn hear(&mut self, bytes: &[u8], scope: &mut Scope<'_>) -> Fate {
        let Manner::Well(way) = self.kind.manner else { return Fate::Stays };
        self.input.extend_from_slice(bytes);
        loop {
            let heard = match self.ear.hear(&mut self.input) {
                Ok(Some(heard)) => heard,
                Ok(None) => return self.write_or_end(),
                Err(fault) => return Fate::Wronged(fault),
            };
            self.has_heard = true;
            match heard {
                Heard::Something => {}
                Heard::Ping(payload) => {
                    masked::encode_pong(&mut self.output, mask(scope), &payload);
                }
                Heard::Close if self.is_leaving => {}
                Heard::Close => return Fate::Wronged("a close".into()),
                Heard::Answer { keeps_alive: false } => return Fate::Left,
                Heard::Answer { .. } if way == Way::Poll => {
                    self.output.extend(way.opening(self.number, &self.ear.cursor));
                }
                Heard::Answer { .. } => {}
            }
        }
    }

    fn write_or_end(&mut self) -> Fate {
        match self.write() {
            Ok(()) => Fate::Stays,
            Err(error) => self.ended(&error.to_string()),
        }
    }

    fn write(&mut self) -> io::Result<()> {
        while !self.output.is_empty() {
            match self.stream.write(&self.output) {
                Ok(bytes) => drop(self.output.drain(..bytes)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The connection is over: a wrong to one who behaved and meant to stay.
    fn ended(&self, how: &str) -> Fate {
        match self.kind.manner {
            Manner::Well(_) if self.is_leaving => Fate::Left,
            Manner::Well(_) => Fate::Wronged(how.to_owned()),
            Manner::Slow { .. } | Manner::Ill(_) => Fate::Ended,
        }
    }

    fn reset(&self) -> Fate {
        if let Stream::Tcp(stream) = &self.stream {
            // A reset is what the end of it becomes; if not, an end is as good.
            let _ = SockRef::from(stream).set_linger(Some(Duration::ZERO));
        }
        Fate::Left
    }
}

/// Connects from one of several addresses, for one alone has not enough ports.
fn connect(kind: &Kind, number: u64, server: SocketAddr) -> io::Result<Stream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    if let Manner::Slow { .. } = kind.manner {
        socket.set_recv_buffer_size(NARROW_BYTES)?;
    }
    let from = Ipv4Addr::new(127, 0, 0, 2 + (number % SOURCES) as u8);
    socket.bind(&SocketAddr::from((from, 0)).into())?;
    match socket.connect(&server.into()) {
        Err(error) if error.raw_os_error() != Some(IN_PROGRESS) => Err(error),
        _ => Ok(Stream::Tcp(TcpStream::from_std(socket.into()))),
    }
}

/// Arms the timer of the next look: half a pace to one and a half, so that not all look at once.
fn look_later(pace: Duration, key: usize, scope: &mut Scope<'_>) -> Timer {
    let part = (scope.random() % 1000) as f64 / 1000.0;
    scope.after(pace.mul_f64(0.5 + part), key as u64)
}

fn mask(scope: &mut Scope<'_>) -> [u8; 4] {
    (scope.random() as u32).to_ne_bytes()
}

/// Reads of one guest in one go; then the others have their turn.
const READS_PER_VISIT: usize = 16;

/// How often a guest says the same: what is said back is long enough to be compressed.
const REPEATS: usize = 50;

/// What who reads slowly reads at once.
const LITTLE_BYTES: usize = 4096;

/// Bytes of the receive buffer of who reads slowly.
const NARROW_BYTES: usize = 16 * 1024;

/// How long a server may take to answer a close, busy as it is.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(10);

/// Three times the server's patience with who says half of a head.
const MISDEED_TIMEOUT: Duration = Duration::from_secs(30);

/// Addresses that guests come from.
const SOURCES: u64 = 32;

/// `EINPROGRESS`, on Linux.
const IN_PROGRESS: i32 = 115;
