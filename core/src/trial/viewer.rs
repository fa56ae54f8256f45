//! A trial: one viewer, and what a test expects it to hear.

use std::cell::{RefCell, RefMut};
use std::collections::VecDeque;
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use http::Method;
use serde::Serialize;

use super::ear::{Ear, MASK};
use super::{Heard, Visit, World};
use crate::action::{Action, FinishReason};
use crate::protocol::websocket::masked;
use crate::reactor::Peer;
use crate::routes::Routes;
use crate::transport::Transport;

/// One viewer of the real server, on a clock the test moves.
///
/// The `expect_` methods panic where the test stands, with what was heard instead. Keep-alives
/// (comments, pings) are passed over by all but [`heard`](Self::heard).
#[derive(Clone)]
pub struct Trial {
    world: World,
    viewer: Rc<RefCell<Viewer>>,
}

pub(super) struct Viewer {
    peer: Peer,
    ear: Ear,
    heard: VecDeque<Heard>,
    is_deaf_to_pings: bool,
    has_hung_up: bool,
}

impl Viewer {
    pub fn new(peer: Peer, method: Method) -> Self {
        Self {
            peer,
            ear: Ear::new(method),
            heard: VecDeque::new(),
            is_deaf_to_pings: false,
            has_hung_up: false,
        }
    }

    /// Hears what has arrived; `true` if that was answered.
    pub fn listen(&mut self) -> bool {
        if self.has_hung_up {
            return false;
        }
        let (mut heard, mut back) = (Vec::new(), Vec::new());
        self.ear.take(&self.peer.receive(), &mut heard, &mut back);
        if self.peer.has_finished() || self.peer.is_closed() {
            self.ear.end(&mut heard);
        }
        let is_answer_kept_back = self.is_deaf_to_pings && heard.contains(&Heard::Ping);
        self.heard.extend(heard);
        let speaks = !back.is_empty() && !is_answer_kept_back && !self.peer.is_closed();
        if speaks {
            self.peer.send(&back);
        }
        speaks
    }

    /// Makes ready for another answer, of which some may be there.
    fn listen_again(&mut self, method: Method) {
        self.ear.listen_again(method);
        self.listen();
    }
}

impl Trial {
    /// Serves `action` at `/` in a world of its own, and visits it by its first transport.
    pub fn start<A: Action>(action: A) -> Self {
        Self::visit(action, Self::first_visit::<A>("/"))
    }

    /// As [`start`](Self::start), with a request of the test's own, on any path.
    pub fn visit<A: Action>(action: A, visit: Visit) -> Self {
        Self::routed("/{*path}", action, visit)
    }

    /// As [`visit`](Self::visit), with the action at `pattern`.
    pub fn routed<A: Action>(pattern: &str, action: A, visit: Visit) -> Self {
        let action = RefCell::new(Some(action));
        let recipe = move || {
            let action = action.borrow_mut().take();
            action.expect("this action answers one request; a `World` has a recipe for more")
        };
        let is_plain = pattern == "/{*path}";
        let routes = match (visit.method.as_str(), is_plain) {
            ("GET" | "HEAD", true) => {
                let recipe = Rc::new(recipe);
                let other = recipe.clone();
                Routes::new().at("/", move || recipe()).at("/{*path}", move || other())
            }
            ("GET" | "HEAD", false) => Routes::new().at(pattern, recipe),
            (_, true) => {
                let recipe = Rc::new(recipe);
                let other = recipe.clone();
                let method = visit.method.clone();
                Routes::new().method(method.clone(), "/", move || recipe()).method(
                    method,
                    "/{*path}",
                    move || other(),
                )
            }
            (_, false) => Routes::new().method(visit.method.clone(), pattern, recipe),
        };
        World::new(routes).visit(visit)
    }

    fn first_visit<A: Action>(target: &str) -> Visit {
        match A::DECLARATION.transports.first() {
            Some(Transport::Websocket) => Visit::socket(target),
            Some(Transport::Sse) => Visit::events(target),
            _ => Visit::get(target),
        }
    }

    pub(super) fn new(world: World, viewer: Rc<RefCell<Viewer>>) -> Self {
        Self { world, viewer }
    }

    /// The world this viewer lives in.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Moves the world's clock; deferred work is done.
    pub fn advance(&mut self, by: Duration) -> &mut Self {
        self.world.advance(by);
        self
    }

    /// Sends a text message over the WebSocket.
    pub fn send(&mut self, text: &str) -> &mut Self {
        let mut frame = Vec::new();
        masked::encode_text(&mut frame, MASK, text);
        self.send_frames(&frame)
    }

    /// Sends a binary message over the WebSocket.
    pub fn send_binary(&mut self, bytes: &[u8]) -> &mut Self {
        let mut frame = Vec::new();
        masked::encode_binary(&mut frame, MASK, bytes);
        self.send_frames(&frame)
    }

    /// Sends a ping over the WebSocket.
    pub fn ping(&mut self, payload: &[u8]) -> &mut Self {
        let mut frame = Vec::new();
        masked::encode_ping(&mut frame, MASK, payload);
        self.send_frames(&frame)
    }

    /// Closes the WebSocket from the viewer's side.
    ///
    /// # Panics
    /// When the code may not be sent.
    pub fn close(&mut self, code: u16, reason: &str) -> &mut Self {
        let mut frame = Vec::new();
        let encoded = masked::encode_close(&mut frame, MASK, Some((code, reason)));
        encoded.expect("the code may be sent");
        self.send_frames(&frame)
    }

    fn send_frames(&mut self, frames: &[u8]) -> &mut Self {
        assert!(self.viewer.borrow().ear.is_socket(), "only a WebSocket sends; this is none");
        self.send_bytes(frames);
        self
    }

    /// Makes another request on the same connection.
    pub fn again(&mut self, visit: Visit) -> &mut Self {
        self.viewer.borrow_mut().listen_again(visit.method.clone());
        self.send_bytes(&visit.encode());
        self
    }

    /// Makes ready for the answer to another GET, sent by the test byte for byte.
    pub fn listen_again(&mut self) -> &mut Self {
        self.viewer.borrow_mut().listen_again(Method::GET);
        self.world.settle();
        self
    }

    /// Sends any bytes at all.
    pub fn send_bytes(&self, bytes: &[u8]) {
        self.viewer.borrow().peer.send(bytes);
        self.world.settle();
    }

    /// Leaves as a browser does when its tab is closed, without a word.
    pub fn hang_up(&mut self) -> &mut Self {
        {
            let mut viewer = self.viewer.borrow_mut();
            viewer.listen();
            viewer.has_hung_up = true;
            viewer.peer.finish();
        }
        self.world.settle();
        self
    }

    /// Ends the sending and goes on listening, as a half-close does.
    pub fn half_close(&mut self) -> &mut Self {
        self.viewer.borrow().peer.finish();
        self.world.settle();
        self
    }

    /// Answers no ping from here on.
    pub fn ignore_pings(&mut self) -> &mut Self {
        self.viewer.borrow_mut().is_deaf_to_pings = true;
        self
    }

    /// The far end of the simulated wire: short writes, stalls, resets.
    pub fn wire(&self) -> RefMut<'_, Peer> {
        RefMut::map(self.viewer.borrow_mut(), |viewer| &mut viewer.peer)
    }

    /// Takes all that was heard and not expected yet, keep-alives too.
    pub fn heard(&mut self) -> Vec<Heard> {
        self.viewer.borrow_mut().heard.drain(..).collect()
    }

    fn next(&mut self) -> Option<Heard> {
        let mut viewer = self.viewer.borrow_mut();
        loop {
            let heard = viewer.heard.pop_front()?;
            if !heard.is_keep_alive() {
                return Some(heard);
            }
        }
    }

    /// Expects exactly this next.
    #[track_caller]
    pub fn expect(&mut self, expected: Heard) -> &mut Self {
        let heard = self.next();
        assert_eq!(heard.as_ref(), Some(&expected), "this was heard, and not what was expected");
        self
    }

    /// Expects something that says this text next, whatever carried it.
    #[track_caller]
    pub fn expect_render(&mut self, text: &str) -> &mut Self {
        match self.next() {
            None => panic!("expected to hear {text:?}, and heard nothing"),
            Some(heard) => {
                let said = heard.rendered();
                assert_eq!(said.as_deref(), Some(text), "what was heard is {heard:?}");
            }
        }
        self
    }

    /// Expects an event of this name that says this text next.
    #[track_caller]
    pub fn expect_event(&mut self, expected: &str, text: &str) -> &mut Self {
        match self.next() {
            Some(Heard::Event { name, data, .. }) => {
                assert_eq!((name.as_str(), data.as_str()), (expected, text));
            }
            other => panic!("expected the event `{expected}`, and heard {other:?}"),
        }
        self
    }

    /// Expects something that says this value as JSON next.
    #[track_caller]
    pub fn expect_json(&mut self, value: &impl Serialize) -> &mut Self {
        let expected = serde_json::to_value(value).expect("the value can be written as JSON");
        let Some(heard) = self.next() else {
            panic!("expected to hear {expected}, and heard nothing")
        };
        let said = heard.rendered().and_then(|text| serde_json::from_str(&text).ok());
        assert_eq!(said, Some(expected), "what was heard is {heard:?}");
        self
    }

    /// Expects nothing more to have been heard; keep-alives do not count.
    #[track_caller]
    pub fn expect_nothing(&mut self) -> &mut Self {
        let heard = self.next();
        assert!(heard.is_none(), "expected to hear nothing, and heard {heard:?}");
        self
    }

    /// Expects the answer to have this status.
    #[track_caller]
    pub fn expect_status(&mut self, status: u16) -> &mut Self {
        assert_eq!(self.status(), Some(status));
        self
    }

    /// Expects the answer to have this header.
    #[track_caller]
    pub fn expect_header(&mut self, name: &str, value: &str) -> &mut Self {
        assert_eq!(self.header(name).as_deref(), Some(value), "the header `{name}`");
        self
    }

    /// Expects the answer to have ended in good order.
    #[track_caller]
    pub fn expect_end(&mut self) -> &mut Self {
        self.expect(Heard::End)
    }

    /// Expects the WebSocket to have been closed with this code.
    #[track_caller]
    pub fn expect_close(&mut self, expected: u16) -> &mut Self {
        match self.next() {
            Some(Heard::Close { code, .. }) => assert_eq!(code, Some(expected)),
            other => panic!("expected a close with {expected}, and heard {other:?}"),
        }
        self
    }

    /// Expects the viewer's action to have finished once, for this reason.
    #[track_caller]
    pub fn expect_finish(&mut self, reason: FinishReason) -> &mut Self {
        let farewells = self.farewells();
        assert_eq!(farewells, [reason], "why this viewer's actions finished");
        self
    }

    /// Expects no action of this viewer to have finished; one that never started never does.
    #[track_caller]
    pub fn expect_no_finish(&mut self) -> &mut Self {
        assert_eq!(self.farewells(), [], "why this viewer's actions finished");
        self
    }

    fn farewells(&self) -> Vec<FinishReason> {
        let address = self.viewer.borrow().peer.address();
        self.world.farewells(address)
    }

    /// The status of the answer; `None` before its head has come.
    pub fn status(&self) -> Option<u16> {
        let viewer = self.viewer.borrow();
        viewer.ear.head.as_ref().map(|head| head.status().as_u16())
    }

    /// A header of the answer.
    pub fn header(&self, name: &str) -> Option<String> {
        let viewer = self.viewer.borrow();
        let head = viewer.ear.head.as_ref()?;
        head.header_text(name).map(str::to_owned)
    }

    /// The last id an event stream has named, with an event or alone: what a browser comes back
    /// with as `Last-Event-ID`. Empty if it named none.
    pub fn last_event_id(&self) -> String {
        self.viewer.borrow().ear.last_event_id.clone()
    }

    /// All headers of the answer in their order, names in lower case; none before its head.
    pub fn headers(&self) -> Vec<(String, String)> {
        let viewer = self.viewer.borrow();
        let headers = viewer.ear.head.iter().flat_map(|head| head.headers());
        let text = |value| String::from_utf8_lossy(value).into_owned();
        headers.map(|(name, value)| (name.to_ascii_lowercase(), text(value))).collect()
    }
}

impl fmt::Debug for Trial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let viewer = self.viewer.borrow();
        f.debug_struct("Trial")
            .field("status", &self.status())
            .field("heard", &viewer.heard)
            .finish_non_exhaustive()
    }
}
