//! Who hears what is published: on one thread, so without locks.

use std::cell::RefCell;

use actix_web::web::Bytes;
use actix_ws::Session;
use bytestring::ByteString;
use futures_util::FutureExt;
use slab::Slab;
use tokio::sync::mpsc::UnboundedSender;

/// The subscribers of one worker.
#[derive(Default)]
pub struct Registry {
    sessions: RefCell<Slab<Session>>,
    streams: RefCell<Vec<UnboundedSender<Bytes>>>,
}

impl Registry {
    pub fn add_session(&self, session: Session) -> usize {
        self.sessions.borrow_mut().insert(session)
    }

    pub fn remove_session(&self, key: usize) {
        self.sessions.borrow_mut().remove(key);
    }

    pub fn add_stream(&self, stream: UnboundedSender<Bytes>) {
        self.streams.borrow_mut().push(stream);
    }

    /// Sends a text to all; waits for a session whose queue is full.
    pub async fn publish(&self, text: ByteString) {
        if !self.streams.borrow().is_empty() {
            let event = Bytes::from(format!("data: {text}\n\n"));
            self.streams.borrow_mut().retain(|stream| stream.send(event.clone()).is_ok());
        }
        let end = self.sessions.borrow().capacity();
        for key in 0..end {
            // A session that has ended answers with an error, and its own task removes it.
            if let Some(mut busy) = self.send_unless_busy(key, &text) {
                let _ = busy.text(text.clone()).await;
            }
        }
    }

    /// Sends to a session, or returns it if its queue is full: a clone would allocate for each.
    fn send_unless_busy(&self, key: usize, text: &ByteString) -> Option<Session> {
        let mut sessions = self.sessions.borrow_mut();
        let session = sessions.get_mut(key)?;
        let sent = session.text(text.clone()).now_or_never();
        sent.is_none().then(|| session.clone())
    }
}
