//! What is first said on a connection.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};

/// Connects, and says an opening and reads the head it is answered with, if there is one.
///
/// # Errors
/// What the system says, or that the connection ends before the head does.
pub fn open(address: SocketAddr, opening: &str) -> io::Result<TcpStream> {
    open_on(TcpStream::connect(address)?, opening)
}

/// The same on a connection that is there already.
///
/// # Errors
/// As for [`open`].
pub fn open_on(mut stream: TcpStream, opening: &str) -> io::Result<TcpStream> {
    stream.set_nodelay(true)?;
    if opening.is_empty() {
        return Ok(stream);
    }
    stream.write_all(opening.as_bytes())?;
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    Ok(stream)
}

/// What asks for a WebSocket.
pub fn websocket_head(path: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Origin: http://localhost:3000\r\n\r\n"
    )
}

/// What asks for a stream of events, with what browsers say besides.
pub fn sse_head(path: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\
         Cache-Control: no-cache\r\nAccept-Language: en-GB,en;q=0.8\r\n\
         User-Agent: crampon-measure/0.1 (Linux x86_64)\r\nReferer: http://localhost:3000/\r\n\r\n"
    )
}
