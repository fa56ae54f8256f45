//! The floor: a server that counts bytes and sends as many as are owed, and reads none of them.
//!
//! It waits, receives and sends exactly as the subject must, so what the subject costs above it
//! is the subject's own.

use std::io::{self, ErrorKind, Read, Write};

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};

pub const ROLE: &str = "floor";

struct Connection {
    stream: TcpStream,
    role: Role,
    /// Bytes of a request that has not arrived whole.
    part: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Has not said what it is.
    New,
    /// Is answered.
    Viewer,
    /// What it says, all viewers hear.
    Publisher,
}

/// Serves until it is killed: `floor REQUEST_BYTES ANSWER_BYTES`.
pub fn serve() -> io::Result<()> {
    let mut sizes = std::env::args().skip(2).map(|size| size.parse::<usize>());
    let mut size =
        || sizes.next().and_then(Result::ok).ok_or(io::Error::from(ErrorKind::InvalidInput));
    let (request_bytes, answer_bytes) = (size()?, size()?);
    let answers = vec![b'x'; answer_bytes * ANSWERS_MAX];
    let mut listener = TcpListener::bind(([127, 0, 0, 1], 0).into())?;
    println!("{}", listener.local_addr()?);
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(1024);
    let mut connections: Vec<Connection> = Vec::new();
    let mut input = vec![0; 256 * 1024];
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    loop {
        poll.poll(&mut events, None)?;
        let mut published = 0;
        for event in &events {
            if event.token() == LISTENER {
                accept(&listener, &poll, &mut connections)?;
                continue;
            }
            let Some(connection) = connections.get_mut(event.token().0) else { continue };
            if !event.is_readable() {
                continue;
            }
            let Ok(bytes @ 1..) = connection.stream.read(&mut input) else { continue };
            if connection.role == Role::New && connection.open(&input[..bytes])? {
                continue;
            }
            connection.part += bytes;
            let requests = connection.part / request_bytes;
            connection.part %= request_bytes;
            match connection.role {
                Role::Publisher => published += requests,
                _ => connection.stream.write_all(&answers[..requests * answer_bytes])?,
            }
        }
        if published > 0 {
            for connection in &mut connections {
                if connection.role == Role::Viewer {
                    connection.stream.write_all(&answers[..published * answer_bytes])?;
                }
            }
        }
    }
}

impl Connection {
    /// Learns what the connection is; `true` if that was all its first bytes said.
    fn open(&mut self, said: &[u8]) -> io::Result<bool> {
        let says = |path: &[u8]| said.starts_with(path);
        self.role = if says(b"GET /publish") { Role::Publisher } else { Role::Viewer };
        if says(b"GET /hello") {
            return Ok(false);
        }
        self.stream.write_all(b"HTTP/1.1 101 Anything\r\n\r\n")?;
        Ok(true)
    }
}

fn accept(
    listener: &TcpListener,
    poll: &Poll,
    connections: &mut Vec<Connection>,
) -> io::Result<()> {
    while let Ok((mut stream, _)) = listener.accept() {
        stream.set_nodelay(true)?;
        let token = Token(connections.len());
        poll.registry().register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)?;
        connections.push(Connection { stream, role: Role::New, part: 0 });
    }
    Ok(())
}

const LISTENER: Token = Token(usize::MAX);

/// Answers made at once: more than are ever in flight.
const ANSWERS_MAX: usize = 1024;
