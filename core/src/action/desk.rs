//! The desk: the part of a context that does not depend on the type of the action.
//!
//! Rendering encodes here, at once, into the bytes that will be written; all else a callback asks
//! for is recorded here and applied by the host when the callback has returned.

use std::ops::Deref;
use std::rc::Rc;
use std::time::Instant;

use http::StatusCode;

use super::drawer::Drawer;
use super::effect::Effect;
use super::live::Role;
use super::surroundings::Call;
use super::{Event, FinishReason, Halt, Home, Request};
use crate::protocol::http::{Fault, Header};
use crate::transport::{Answer, Payload, RenderError, Sheet, Transport, Wire};

/// What a session tells its host, and what the host lends it.
pub(crate) struct Desk {
    pub(super) home: Rc<Home>,
    /// `None` for a service.
    pub request: Option<Request>,
    pub wire: Wire,
    /// Encoded and not yet taken by the host, who lends the buffer.
    pub out: Sheet,
    pub(super) drawer: Option<Box<Drawer>>,
    pub stage: Stage,
    /// The session's own. It is here because here is room for it, which beside the desk is not.
    pub(super) course: Course,
    /// The callback has asked for the end; if with words, they are in the drawer.
    pub(super) has_asked_to_end: bool,
    /// Its events have cursors, which are the ids of what it hears.
    pub has_cursors: bool,
    /// What is rendered now waits for the cursor of the message it is rendered for.
    pub leaves_open: bool,
}

/// The lifecycle of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// `before_start` runs; this one is next.
    Guarding { next: u16 },
    /// Parked by `cx.hold()`; after `proceed` this one is next.
    Held { next: u16 },
    /// `cx.proceed()` was called and the chain goes on after this callback.
    Proceeding { next: u16 },
    /// Started: renders reach the client.
    Running,
    /// Nothing more will run but `on_finish`, if it had started.
    Finished(FinishReason),
}

/// How much of its lifecycle a session runs, and what of it has come to pass.
#[derive(Debug, Default)]
pub(super) struct Course {
    pub role: Role,
    pub has_started: bool,
    /// Whether the body the upstream half was made for has come to `on_data`.
    pub has_body: bool,
    pub has_heard_of_stop: bool,
}

const _: () = assert!(size_of::<Desk>() <= DESK_BYTES_MAX);

/// What a desk may cost, in bytes of this struct: every idle connection has one.
const DESK_BYTES_MAX: usize = 112;

/// How an action asked to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Finish,
    Close(Closing),
    Halt(Halt),
}

/// How a socket is to be closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Closing {
    pub code: u16,
    pub reason: Box<str>,
}

/// Why a request gets another answer than its action's.
#[derive(Clone, Debug)]
pub(crate) enum Refusal {
    /// The action's own words.
    Halt(Halt),
    /// A callback failed: 500, in development with the cause.
    Failed { call: Call, error: String },
}

impl Desk {
    pub fn new(home: Rc<Home>, request: Option<Request>, wire: Wire, out: Sheet) -> Self {
        Self {
            home,
            request,
            wire,
            out,
            drawer: None,
            stage: Stage::Guarding { next: 0 },
            course: Course::default(),
            has_asked_to_end: false,
            has_cursors: false,
            leaves_open: false,
        }
    }

    pub fn now(&self) -> Instant {
        self.surroundings.now.get()
    }

    /// Whether a head is due though nothing is rendered: its body's length is known already.
    pub fn has_unsent_head(&self) -> bool {
        let has_length = self.answer().is_some_and(|answer| answer.length.is_some());
        has_length && !self.wire.is_head_sent && self.stage == Stage::Running
    }

    pub fn record(&mut self, effect: Effect) {
        self.surroundings.effects.borrow_mut().push(effect);
    }

    /// Mints an id for a timer or a reply of this session; those of all sessions are one sequence.
    pub fn mint(&self) -> u32 {
        let next = &self.surroundings.next_id;
        let id = next.get();
        next.set(id.checked_add(1).unwrap_or(FIRST_MINTED_ID));
        id
    }

    pub fn is_finished(&self) -> bool {
        matches!(self.stage, Stage::Finished(_))
    }

    /// Why it has ended; in good order, as long as it has not.
    pub fn reason(&self) -> FinishReason {
        match self.stage {
            Stage::Finished(reason) => reason,
            _ => FinishReason::Finished,
        }
    }

    /// Whether the session has asked for anything but to have its renders sent.
    pub fn has_asked(&self) -> bool {
        self.stage != Stage::Running || !self.surroundings.effects.borrow().is_empty()
    }

    /// Whether the action had started.
    pub fn has_started(&self) -> bool {
        self.course.has_started
    }

    /// Whether `before_start` is parked.
    pub fn is_held(&self) -> bool {
        matches!(self.stage, Stage::Held { .. })
    }

    /// Whether the callback has asked for the end, or the end has come.
    pub fn is_ending(&self) -> bool {
        self.has_asked_to_end || self.is_finished()
    }

    /// Renders what the action says.
    pub fn render(&mut self, event: &Event<'_>) {
        match self.stage {
            Stage::Running if !self.has_asked_to_end => {}
            Stage::Finished(_) | Stage::Running => return,
            _ => return self.blame("`render` before the action has started; render in `on_start`"),
        }
        if self.has_cursors && event.id.is_some() && self.wire.carries_cursors() {
            return self.blame(RenderError::OwnId.to_string());
        }
        self.put(event);
    }

    /// Renders what is said by the action or to its viewer.
    pub fn put(&mut self, event: &Event<'_>) {
        let is_poll = self.wire.transport == Transport::LongPolling && !self.wire.is_batch;
        if is_poll && self.wire.has_rendered {
            let action = self.declaration.name;
            return tracing::debug!(action, "the poll is answered; a second render has no place");
        }
        if !self.wire.is_head_sent {
            self.note_content_type(event);
        }
        let rendered = match self.leaves_open {
            true => self.wire.render_open(event, &mut self.out),
            false => self.wire.render(event, &mut self.out),
        };
        if let Err(error) = rendered {
            return self.blame(error.to_string());
        }
        self.surroundings.figures.rendered.add(1);
        if is_poll && self.wire.has_rendered {
            self.has_asked_to_end = true;
        }
    }

    /// Has a poll answered with all that is pending.
    pub fn batch(&mut self) {
        if self.wire.transport == Transport::LongPolling && !self.wire.has_rendered {
            self.wire.is_batch = true;
        }
    }

    /// Tells the viewer how far it has heard: with the events, or in the head of its answer.
    pub fn stand_at(&mut self, cursor: &str) {
        self.answer_stands_at(cursor);
        self.wire.tell_cursor(cursor, &mut self.out);
    }

    /// Says in the head of a poll's answer how far its viewer has heard with it.
    pub fn answer_stands_at(&mut self, cursor: &str) {
        if self.wire.transport != Transport::LongPolling || self.wire.is_head_sent {
            return;
        }
        let mut say = |name, text: &str| {
            let header = Header::new(name, text.as_bytes());
            self.answer_mut().headers.insert(header.expect("a cursor is letters and digits"));
        };
        say("last-event-id", cursor);
        say("etag", &format!("\"{cursor}\""));
    }

    /// The content type of an answer follows from its first render, unless a header says it.
    fn note_content_type(&mut self, event: &Event<'_>) {
        if self.wire.has_rendered {
            return;
        }
        match event.payload {
            _ if event.is_json => self.answer_mut().content_type = Answer::JSON,
            Payload::Binary(_) => self.answer_mut().content_type = Answer::BYTES,
            _ => {}
        }
    }

    /// What others have said is passed on as plain text, unless it is known to be something else:
    /// as a page it could run in the browser of who reads it.
    pub fn note_foreign_text(&mut self) {
        if !self.wire.is_head_sent && !self.wire.has_rendered {
            self.answer_mut().content_type = Answer::PLAIN;
        }
    }

    pub fn set_status(&mut self, status: u16) {
        if self.wire.is_head_sent {
            return self.warn_late("set_status");
        }
        match StatusCode::from_u16(status).ok().filter(|_| (200..600).contains(&status)) {
            Some(status) => self.answer_mut().status = status,
            None => self.blame(format!("`{status}` is not the status of an answer (200 to 599)")),
        }
    }

    pub fn set_header(&mut self, name: &str, value: &str) {
        if self.wire.is_head_sent {
            return self.warn_late("set_header");
        }
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        if FRAMING_HEADERS.into_iter().any(is) {
            return self.blame(format!("the header `{name}` is written by the transport alone"));
        }
        let header = match Header::new(name, value.as_bytes()) {
            Ok(header) if value.is_ascii() => header,
            Err(Fault::HeaderName(_)) => {
                return self.blame(format!("`{}` is not a header name", name.escape_debug()));
            }
            _ => {
                let value = value.escape_debug();
                return self.blame(format!("`{value}` is not a value for the header `{name}`"));
            }
        };
        let headers = &mut self.answer_mut().headers;
        if is("set-cookie") || is("vary") {
            headers.append(header);
        } else {
            headers.insert(header);
        }
    }

    fn warn_late(&self, what: &str) {
        let action = self.declaration.name;
        tracing::warn!(action, "`{what}` after the head was sent has no effect");
    }

    /// Whether the answer is still being gathered, and nothing of it may be written.
    pub fn is_unsealed(&self) -> bool {
        self.wire.transport == Transport::LongPolling && !self.wire.is_head_sent
    }

    /// Sends the head of a stream, which says at once that it serves.
    pub fn open(&mut self) {
        let Self { home, request, wire, drawer, out, .. } = self;
        let Home { surroundings, declaration } = &**home;
        if let Some(request) = request {
            let answer = drawer.as_ref().and_then(|drawer| drawer.answer());
            let sharing = surroundings.sharing(Some(declaration), request.head());
            let (declared, heads) = (declaration.subprotocols, surroundings.heads.borrow());
            wire.open(answer, declared, request.head(), sharing, heads.date(), out);
            drop(heads);
            self.forget_answer();
        }
    }

    /// Whether what a regular action or a long poll has rendered is to be [sealed](Self::seal).
    pub fn is_to_be_sealed(&self) -> bool {
        self.wire.is_worth_a_head(self.answer(), self.is_finished(), &self.out)
    }

    /// Writes what a regular action or a long poll has rendered, behind its head.
    pub fn seal(&mut self, to: &mut Vec<u8>) {
        let is_final = self.is_finished();
        let Self { home, request, wire, drawer, out, .. } = self;
        let Home { surroundings, declaration } = &**home;
        let answer = drawer.as_mut().and_then(|drawer| drawer.answer_mut());
        let request = request.as_ref();
        let sharing = request.map(|it| surroundings.sharing(Some(declaration), it.head()));
        let sharing = sharing.unwrap_or_default();
        wire.seal(answer, is_final, sharing, &surroundings.heads.borrow(), out, to);
        self.forget_answer();
    }
}

impl Deref for Desk {
    type Target = Home;

    /// What it shares is at hand as if it were its own.
    #[inline]
    fn deref(&self) -> &Home {
        &self.home
    }
}

/// Ids below are the indices of the declared periodic timers.
pub(crate) const FIRST_MINTED_ID: u32 = 1 << 16;

/// Headers that frame the message, or belong to the connection or its upgrade; a user's would break
/// them.
const FRAMING_HEADERS: [&str; 9] = [
    "connection",
    "content-length",
    "keep-alive",
    "sec-websocket-accept",
    "sec-websocket-extensions",
    "sec-websocket-protocol",
    "te",
    "transfer-encoding",
    "upgrade",
];
