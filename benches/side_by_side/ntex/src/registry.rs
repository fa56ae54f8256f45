//! Who hears what is published: on one thread, so without locks.

use std::cell::RefCell;

use ntex::channel::mpsc::Sender;
use ntex::util::{ByteString, Bytes};
use ntex::web::ws::{Message, WsSink};
use ntex::ws::Codec;
use slab::Slab;

/// The subscribers of one worker.
pub struct Registry {
    sockets: RefCell<Slab<WsSink>>,
    streams: RefCell<Vec<Sender<Bytes>>>,
    codec: Codec,
}

impl Registry {
    pub fn new() -> Self {
        Self { sockets: RefCell::default(), streams: RefCell::default(), codec: Codec::new() }
    }

    pub fn add_socket(&self, socket: WsSink) -> usize {
        self.sockets.borrow_mut().insert(socket)
    }

    pub fn remove_socket(&self, key: usize) {
        self.sockets.borrow_mut().remove(key);
    }

    pub fn add_stream(&self, stream: Sender<Bytes>) {
        self.streams.borrow_mut().push(stream);
    }

    /// Writes a text into the buffer of each subscriber, which ntex flushes.
    pub fn publish(&self, text: &ByteString) {
        for (_, socket) in self.sockets.borrow().iter() {
            // An error says that it has ended, and its own task removes it.
            let _ = socket.io().encode(Message::Text(text.clone()), &self.codec);
        }
        if !self.streams.borrow().is_empty() {
            let event = Bytes::from(format!("data: {text}\n\n"));
            self.streams.borrow_mut().retain(|stream| stream.send(event.clone()).is_ok());
        }
    }
}
