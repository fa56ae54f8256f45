//! How connections are opened: the first words, and what they are answered with.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::head::{self, Head};
use crate::running::Running;

/// What a connection hears things by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    WebSocket,
    /// A WebSocket that compresses.
    Packed,
    Events,
}

impl Wire {
    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::WebSocket => "WebSocket",
            Self::Packed => "WebSocket, compressed",
            Self::Events => "SSE",
        }
    }

    /// What is said first.
    pub fn head(self, path: &str) -> String {
        match self {
            Self::WebSocket => head::websocket(path, false),
            Self::Packed => head::websocket(path, true),
            Self::Events => head::events(path),
        }
    }

    pub fn address(self, server: &Running) -> SocketAddr {
        match self {
            Self::Events => server.address(),
            _ => server.ws_address(),
        }
    }

    /// Opens a connection, and checks that it was.
    ///
    /// # Errors
    /// What the system says, or how the server answered instead.
    pub fn open(self, server: &Running, path: &str) -> io::Result<TcpStream> {
        let mut stream = connect(self.address(server))?;
        stream.write_all(self.head(path).as_bytes())?;
        let mut heard = Vec::new();
        let mut buffer = [0; 1024];
        let head = loop {
            match stream.read(&mut buffer)? {
                0 => return Err(ErrorKind::UnexpectedEof.into()),
                bytes => heard.extend_from_slice(&buffer[..bytes]),
            }
            if let Some(head) = Head::read(&heard) {
                break head;
            }
        };
        let opens = match self {
            Self::Events => head.opens_events(),
            wire => head.opens_websocket(wire == Self::Packed),
        };
        match opens {
            true => Ok(stream),
            false => Err(unexpected(&format!("`{path}` as {self:?}"), &heard)),
        }
    }
}

/// Connects, to wait for nothing longer than a server may be silent.
///
/// # Errors
/// What the system says.
pub fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(SILENCE_MAX))?;
    Ok(stream)
}

/// That something was answered so.
pub fn unexpected(asked: &str, heard: &[u8]) -> io::Error {
    let heard = String::from_utf8_lossy(&heard[..heard.len().min(300)]);
    io::Error::other(format!("{asked} was answered with `{heard}`"))
}

/// How long a server may be silent that has something to say.
pub const SILENCE_MAX: Duration = Duration::from_secs(5);
