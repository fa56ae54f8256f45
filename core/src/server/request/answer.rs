//! Answers: what the server says in an action's stead, and what follows when a request has its
//! answer.

use std::time::Duration;

use super::access;
use super::reply::Reply;
use crate::action::Desk;
use crate::figures::Refused;
use crate::protocol::http::{BodyDecoder, BodyLength, Fault, RequestHead};
use crate::reactor::Scope;
use crate::server::connection::flow::Flow;
use crate::server::connection::inbox::BodyReading;
use crate::server::connection::{Asked, Connection, Phase};
use crate::server::engine::Engine;

impl Engine {
    /// Answers a request no session answers, and logs it.
    pub(crate) fn answer_request(
        &mut self,
        key: usize,
        asked: &Asked,
        head: &RequestHead,
        reply: Reply,
        scope: &mut Scope<'_>,
    ) {
        let client = self.client_of(key, head);
        access::line(head, reply.status(), None, client);
        self.answer(key, asked, reply, scope);
    }

    /// Answers with a whole reply, and goes on to the next request if that can be.
    pub(crate) fn answer(
        &mut self,
        key: usize,
        asked: &Asked,
        reply: Reply,
        scope: &mut Scope<'_>,
    ) {
        let connection = &self.connections[key];
        let keeps_alive = asked.keeps_alive
            && self.takes_another_request(key)
            && can_discard(connection, self.limits.discard_bytes_max);
        let connection = &mut self.connections[key];
        let date = self.surroundings.date();
        self.surroundings.figures.answered(reply.status());
        reply.encode(asked, keeps_alive, &date, connection.outbox.open());
        self.after_answer(key, keeps_alive, scope);
        self.mark_dirty(key, scope);
    }

    /// Whether a connection may go on to another request when this one is answered.
    pub(crate) fn takes_another_request(&self, key: usize) -> bool {
        let connection = &self.connections[key];
        !self.is_closed()
            && !connection.is_read_closed
            && connection.requests < self.limits.requests_per_connection_max
    }

    /// Answers what is no request, or one that cannot be taken, and ends the connection.
    pub(crate) fn refuse_fault(
        &mut self,
        key: usize,
        asked: &Asked,
        fault: &Fault,
        scope: &mut Scope<'_>,
    ) {
        tracing::debug!(status = fault.status(), "request refused: {fault}");
        self.surroundings.figures.refused(refused_for(fault));
        let asked = Asked { keeps_alive: false, ..asked.clone() };
        let reply = Reply::text(fault.status(), &fault.to_string());
        self.connections[key].lingers = true;
        self.answer(key, &asked, reply, scope);
    }

    /// The answer is out, or on its way: the next request, or the end.
    pub(crate) fn after_answer(&mut self, key: usize, keeps_alive: bool, scope: &mut Scope<'_>) {
        let discard_bytes_max = self.limits.discard_bytes_max;
        let now = self.now;
        let connection = &mut self.connections[key];
        connection.since = self.stamp;
        connection.has_served = true;
        connection.is_paused = false;
        // One that counted on more may have sent it already.
        connection.lingers |= connection.requests >= self.limits.requests_per_connection_max;
        let Some(inbox) = &mut connection.inbox else {
            connection.is_body_unopened = false;
            connection.phase = if keeps_alive { Phase::Head } else { Phase::Closing };
            if keeps_alive && self.reading != Some(key) {
                self.watch(key, scope);
            }
            return;
        };
        inbox.has_form = false;
        inbox.form = None;
        let has_unread_body = connection.has_unread_body();
        if !keeps_alive || !can_discard(connection, discard_bytes_max) {
            connection.lingers |= has_unread_body;
            connection.phase = Phase::Closing;
            return;
        }
        let length = connection.take_body_length().unwrap_or(BodyLength::None);
        if length != BodyLength::None && connection.body().is_none() {
            let decoder = BodyDecoder::new(length, discard_bytes_max as u64);
            let decoder = decoder.expect("it was found short enough just above");
            let flow = Flow::new(now);
            let reading = BodyReading { decoder, bytes: Vec::new(), is_streamed: false, flow };
            connection.inbox().body = Some(reading);
        }
        let has_more = connection.body().is_some();
        connection.phase = if has_more { Phase::Discard } else { Phase::Head };
        if !connection.carry().is_empty() {
            self.read_on(key, scope);
        }
        if self.reading != Some(key) {
            self.watch(key, scope);
        }
    }

    /// Counts and logs the answer a session has given.
    pub(crate) fn answered(&self, seat: usize, status: u16) {
        self.surroundings.figures.answered(status);
        self.log_access(seat, status);
    }

    pub(crate) fn log_access(&self, seat: usize, status: u16) {
        let seat = &self.seats[seat];
        log_answer(seat.session.peek(), status, self.now - seat.began);
    }

    /// Counts and logs a session that ended as it began, with its answer.
    pub(crate) fn note_passing(&self, desk: &Desk) {
        let (action, transport) = (desk.declaration.name, desk.wire.transport.name());
        self.surroundings.figures.answered(desk.wire.status);
        self.surroundings.figures.sessions.passed(action, transport, desk.reason().name());
        if self.farewells.is_some() && desk.has_started() {
            self.note_farewell(desk);
        }
        log_answer(desk, desk.wire.status, Duration::ZERO);
    }
}

fn log_answer(desk: &Desk, status: u16, took: Duration) {
    let Some(request) = &desk.request else { return };
    let (action, transport) = (desk.declaration.name, desk.wire.transport);
    let served = access::Served { action, transport, took };
    access::line(request.head(), status, Some(served), request.remote_addr());
}

/// Whether what is left of the request's body is little enough to read and drop.
pub(crate) fn can_discard(connection: &Connection, bytes_max: usize) -> bool {
    let Some(inbox) = &connection.inbox else { return true };
    if inbox.expects_continue {
        // The client waits to be told; whether it will send the body now is anyone's guess.
        return false;
    }
    match inbox.body_length {
        BodyLength::Length(length) => length <= bytes_max as u64,
        BodyLength::Chunked => true,
        BodyLength::None => inbox.body.is_none(),
    }
}

/// What a fault of a request counts as.
fn refused_for(fault: &Fault) -> Refused {
    match (fault, fault.status()) {
        (Fault::HeadTimeout, _) => Refused::HeadTimeout,
        (_, 408) => Refused::BodyTimeout,
        (_, 413) => Refused::BodyTooLong,
        (_, 414 | 431) => Refused::HeadTooLong,
        _ => Refused::BadRequest,
    }
}
