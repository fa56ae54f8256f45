//! A WebSocket of a client on the loop: one stream, what has arrived on it, what is still to go.

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;

use crampon::protocol::http::{HeadLimits, ResponseHeads};
use crampon::protocol::websocket::Event;
use crampon::protocol::websocket::handshake::{
    check_switching_protocols, encode_upgrade_request, request_key,
};
use crampon::reactor::{Interest, Scope, Source, Stream};

use crate::conversation::Conversation;

/// Bytes read at once.
const INPUT_BYTES: usize = 64 << 10;

/// A WebSocket, from its request to the end of its connection.
pub struct Socket {
    stream: Stream,
    source: Source,
    stage: Stage,
    input: Box<[u8]>,
    /// Bytes at the front of `input` that have arrived and are not understood yet.
    arrived: usize,
    output: Vec<u8>,
    /// Bytes at the front of `output` that have gone.
    gone: usize,
}

enum Stage {
    /// The server has still to agree, and to show that it has read this key.
    Asking([u8; 24], ResponseHeads),
    Open(Conversation),
}

impl Socket {
    /// Begins to connect, and asks for a WebSocket as soon as it has.
    ///
    /// # Errors
    /// What the system says, for instance that no descriptor is left.
    pub fn open(address: SocketAddr, target: &str, scope: &mut Scope<'_>) -> io::Result<Self> {
        let mut stream = Stream::connect(address)?;
        stream.set_nodelay(true)?;
        let source = scope.register(&mut stream, 0, Interest::READABLE | Interest::WRITABLE)?;
        let nonce = u128::from(scope.random()) << 64 | u128::from(scope.random());
        let key = request_key(nonce.to_ne_bytes());
        let mut output = Vec::new();
        encode_upgrade_request(&mut output, &address.to_string(), target, &key, &[], None, []);
        Ok(Self {
            stream,
            source,
            stage: Stage::Asking(key, ResponseHeads::new()),
            input: vec![0; INPUT_BYTES].into(),
            arrived: 0,
            output,
            gone: 0,
        })
    }

    /// What the stream was registered as.
    pub fn source(&self) -> Source {
        self.source
    }

    /// Reads what has come, answers it, messages by what `hear` makes of them, and writes what can
    /// go; `false` when the server has ended the connection.
    ///
    /// # Errors
    /// That there is no server, or that it does not agree to a WebSocket.
    pub fn converse(
        &mut self,
        scope: &mut Scope<'_>,
        mut hear: impl for<'a> FnMut(Event<'a>) -> Option<Event<'a>>,
    ) -> io::Result<bool> {
        loop {
            if let Err(error) = self.write() {
                return self.end(error);
            }
            match self.stream.read(&mut self.input[self.arrived..]) {
                Ok(0) => return self.end(ErrorKind::UnexpectedEof.into()),
                Ok(bytes) => self.arrived += bytes,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(true),
                Err(error) => return self.end(error),
            }
            self.agree()?;
            if let Stage::Open(conversation) = &mut self.stage {
                let input = &mut self.input[..self.arrived];
                let key = || (scope.random() as u32).to_ne_bytes();
                let used = conversation.answer(input, &mut self.output, key, &mut hear);
                self.forget(used);
            }
        }
    }

    /// Looks for the server's answer, and opens the conversation if it agrees.
    fn agree(&mut self) -> io::Result<()> {
        let Stage::Asking(key, heads) = &mut self.stage else { return Ok(()) };
        let decoded = heads.decode(&self.input[..self.arrived], &HeadLimits::default());
        let Some((head, head_bytes)) = decoded.map_err(io::Error::other)? else { return Ok(()) };
        let status = head.status().as_u16();
        check_switching_protocols(status, |name| head.header(name), key, &[], None)
            .map_err(io::Error::other)?;
        self.stage = Stage::Open(Conversation::new());
        self.forget(head_bytes);
        Ok(())
    }

    /// Forgets what has been understood of the input.
    fn forget(&mut self, used: usize) {
        self.input.copy_within(used..self.arrived, 0);
        self.arrived -= used;
    }

    fn write(&mut self) -> io::Result<()> {
        while self.gone < self.output.len() {
            match self.stream.write(&self.output[self.gone..]) {
                Ok(bytes) => self.gone += bytes,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        self.output.clear();
        self.gone = 0;
        Ok(())
    }

    /// The connection is over: in an open conversation that is the server's right, in any manner.
    fn end(&self, error: io::Error) -> io::Result<bool> {
        match self.stage {
            Stage::Open(_) => Ok(false),
            Stage::Asking(..) => Err(error),
        }
    }
}
