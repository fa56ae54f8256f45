//! A viewer who reads bytes as they come, and waits no longer than a deadline for those expected.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::process::PATIENCE;

/// A connection to a port on loopback.
pub struct Wire {
    stream: TcpStream,
    heard: Vec<u8>,
}

impl Wire {
    /// Connects.
    pub fn to(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("somebody listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("the patience is not zero");
        Self { stream, heard: Vec::new() }
    }

    /// Sends `bytes`.
    pub fn say(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).expect("the other side listens");
    }

    /// Waits until `expected` has come, and forgets all up to its end.
    pub fn hear(&mut self, expected: &[u8]) {
        loop {
            let place = self.heard.windows(expected.len()).position(|window| window == expected);
            if let Some(place) = place {
                self.heard.drain(..place + expected.len());
                return;
            }
            let mut bytes = [0; 4096];
            match self.stream.read(&mut bytes) {
                Ok(length) if length > 0 => self.heard.extend_from_slice(&bytes[..length]),
                end => panic!(
                    "never came: {:?}\ninstead: {:?}\nthen: {end:?}",
                    String::from_utf8_lossy(expected),
                    String::from_utf8_lossy(&self.heard),
                ),
            }
        }
    }
}
