//! Clients who say and hear the same: connections of one kind.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;

use crampon_benches::{sse_head, websocket_head};

use crate::house::House;

/// Connections, and nothing between them.
pub struct Party {
    streams: Vec<TcpStream>,
}

impl Party {
    /// Connects so many.
    ///
    /// # Errors
    /// What the system says.
    pub fn connect(house: &House, count: usize) -> io::Result<Self> {
        let connect = |_| {
            let stream = TcpStream::connect(house.address)?;
            stream.set_nodelay(true)?;
            stream.set_nonblocking(true)?;
            Ok(stream)
        };
        Ok(Self { streams: (0..count).map(connect).collect::<io::Result<_>>()? })
    }

    /// Connects so many and has each opening answered with a head.
    ///
    /// # Errors
    /// What the system says, or that the subject does not answer.
    pub fn open(house: &mut House, count: usize, opening: &str) -> io::Result<Self> {
        let mut party = Self::connect(house, count)?;
        party.say(house, opening.as_bytes())?;
        party.hear_until(house, b"\r\n\r\n")?;
        Ok(party)
    }

    /// So many WebSockets at a path.
    ///
    /// # Errors
    /// As for [`open`](Self::open).
    pub fn websockets(house: &mut House, count: usize, path: &str) -> io::Result<Self> {
        Self::open(house, count, &websocket_head(path))
    }

    /// So many WebSockets at a path, which offer to compress.
    ///
    /// # Errors
    /// As for [`open`](Self::open).
    pub fn deflating(house: &mut House, count: usize, path: &str) -> io::Result<Self> {
        let offer = "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n";
        let head = websocket_head(path);
        Self::open(house, count, &(head.trim_end().to_owned() + offer))
    }

    /// So many event streams at a path.
    ///
    /// # Errors
    /// As for [`open`](Self::open).
    pub fn streams(house: &mut House, count: usize, path: &str) -> io::Result<Self> {
        Self::open(house, count, &sse_head(path))
    }

    /// Each says this, while the loop turns only if it does not find room.
    ///
    /// # Errors
    /// What the system says.
    pub fn say(&mut self, house: &mut House, bytes: &[u8]) -> io::Result<()> {
        for stream in &mut self.streams {
            let mut said = 0;
            while said < bytes.len() {
                match stream.write(&bytes[said..]) {
                    Ok(count) => said += count,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => house.turn()?,
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }

    /// Each hears so many bytes, which end as they should; the loop turns until then.
    ///
    /// # Errors
    /// What was heard instead.
    pub fn hear(&mut self, house: &mut House, count: usize, ending: &[u8]) -> io::Result<()> {
        let mut heard = vec![0; count];
        for stream in &mut self.streams {
            let mut at = 0;
            while at < count {
                at += read(house, stream, &mut heard[at..])?;
            }
            if !heard.ends_with(ending) {
                return Err(misheard(&heard, ending));
            }
        }
        Ok(())
    }

    /// Each hears something that ends so; returns how many bytes the last one heard.
    ///
    /// # Errors
    /// What was heard instead.
    pub fn hear_until(&mut self, house: &mut House, ending: &[u8]) -> io::Result<usize> {
        let mut heard = Vec::new();
        for stream in &mut self.streams {
            heard.clear();
            let mut byte = [0];
            while !heard.ends_with(ending) {
                read(house, stream, &mut byte)?;
                heard.extend(byte);
                if heard.len() > HEARD_BYTES_MAX {
                    return Err(misheard(&heard, ending));
                }
            }
        }
        Ok(heard.len())
    }

    /// Each hears so many bytes, which end as they should, and then the end.
    ///
    /// # Errors
    /// What was heard instead.
    pub fn hear_out(mut self, house: &mut House, count: usize, ending: &[u8]) -> io::Result<()> {
        self.hear(house, count, ending)?;
        for stream in &mut self.streams {
            match read(house, stream, &mut [0]) {
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => {}
                Err(error) => return Err(error),
                Ok(_) => return Err(io::Error::other("more was heard than should be")),
            }
        }
        Ok(())
    }
}

/// Reads something, while the loop turns until it is there.
fn read(house: &mut House, stream: &mut TcpStream, into: &mut [u8]) -> io::Result<usize> {
    loop {
        match stream.read(into) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(count) => return Ok(count),
            Err(error) if error.kind() == ErrorKind::WouldBlock => house.turn()?,
            Err(error) => return Err(error),
        }
    }
}

fn misheard(heard: &[u8], ending: &[u8]) -> io::Error {
    let [heard, ending] = [heard, ending].map(|bytes| {
        let end = &bytes[bytes.len().saturating_sub(SHOWN_BYTES)..];
        String::from_utf8_lossy(end).into_owned()
    });
    io::Error::other(format!("heard `{heard}`, and not `{ending}`"))
}

/// Bytes that are read in search of an ending: far more than any head or answer here.
const HEARD_BYTES_MAX: usize = 64 * 1024;

/// Bytes shown of what was heard.
const SHOWN_BYTES: usize = 200;
