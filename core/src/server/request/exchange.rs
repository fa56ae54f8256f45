//! One request and its answer: routed, given a session, its body read, its connection kept.

use http::Method;

use super::answer::can_discard;
use super::arrived::Arrived;
use super::form::is_form;
use super::head_left::HeadLeft;
use super::reply::Reply;
use super::route::{Route, SocketTerms, Speech};
use crate::action::{Data, Declaration, Desk, FinishReason, Live, Part, Request, Role, Stage};
use crate::protocol::http::{BodyDecoder, BodyLength, CONTINUE, Fault, RequestHead};
use crate::reactor::Scope;
use crate::routes::{BrokenRecipe, Found, Opened};
use crate::server::connection::Phase;
use crate::server::connection::flow::Flow;
use crate::server::connection::inbox::BodyReading;
use crate::server::engine::Engine;
use crate::server::seat::Seat;
use crate::transport::{Transport, Wire};

impl Engine {
    /// A request head is complete, and some bytes lie behind it: finds who answers it, and returns
    /// how many of them were its body, and are used.
    pub(crate) fn open_exchange(
        &mut self,
        key: usize,
        head: RequestHead,
        behind: &[u8],
        scope: &mut Scope<'_>,
    ) -> usize {
        let arrived = Arrived::of(&head, behind, self.limits.discard_bytes_max);
        let connection = &mut self.connections[key];
        connection.is_body_unopened = true;
        connection.requests = connection.requests.saturating_add(1);
        if arrived == Arrived::Part {
            let inbox = connection.inbox();
            inbox.body_length = head.body();
            inbox.expects_continue = head.expects_continue();
        }
        let Some(route) = self.find_route(key, &head, scope) else { return arrived.len() };
        let arrived = match (arrived, is_form(&head, head.body(), self.limits.form_bytes_max)) {
            (Arrived::Part, true) => {
                self.read_form_first(key, head, route, scope);
                return 0;
            }
            (Arrived::Whole(form), true) => Arrived::Form(form),
            (arrived, _) => arrived,
        };
        match self.start(key, head, route, arrived, scope) {
            true => arrived.len(),
            false => 0,
        }
    }

    /// Finds what answers a request. What nothing answers, or may not be asked, has its answer.
    fn find_route(
        &mut self,
        key: usize,
        head: &RequestHead,
        scope: &mut Scope<'_>,
    ) -> Option<Route> {
        if head.is_for_server() {
            // OPTIONS of the server as a whole, a ping: it is there (RFC 9110, section 9.3.7).
            return self.turn_down(key, head, None, Reply::new(204), scope);
        }
        let way = match self.proxies.hear(&self.connections[key].remote, head) {
            Ok(way) => way,
            Err(fault) => {
                self.refuse_way(key, head, &fault, scope);
                return None;
            }
        };
        let (target, params) = match self.routes.find_for(head) {
            Found::Target(target, params) => (target, params),
            Found::MethodNotAllowed { allow } => {
                if self.answers_preflight(key, head, &allow, scope) {
                    return None;
                }
                let reply = Reply::plain(405).header("allow", &allow);
                return self.turn_down(key, head, None, reply, scope);
            }
            Found::Nothing => return self.turn_down(key, head, None, Reply::plain(404), scope),
        };
        let declaration = target.endpoint.declaration();
        let has_room = self.has_room_for_contexts();
        let terms = SocketTerms { limits: &self.limits, has_room };
        let route = match Speech::choose(&target, head, &terms) {
            Ok(speech) => Route::new(target, params, way, speech),
            Err(refusal) => {
                let reply = Reply::text(refusal.status, &refusal.message);
                let headers = refusal.headers();
                let reply =
                    headers.iter().fold(reply, |reply, (name, value)| reply.header(name, value));
                return self.turn_down(key, head, Some(declaration), reply, scope);
            }
        };
        (!self.keeps_out(key, head, &route, scope)).then_some(route)
    }

    /// Answers a request that no action gets.
    fn turn_down(
        &mut self,
        key: usize,
        head: &RequestHead,
        declaration: Option<&Declaration>,
        reply: Reply,
        scope: &mut Scope<'_>,
    ) -> Option<Route> {
        let asked = self.asked(head, declaration);
        self.answer_request(key, &asked, head, reply, scope);
        None
    }

    /// Makes the action and lets it begin; `false` if of its body, which has arrived, nothing is
    /// used yet.
    pub(crate) fn start(
        &mut self,
        key: usize,
        head: RequestHead,
        route: Route,
        arrived: Arrived<'_>,
        scope: &mut Scope<'_>,
    ) -> bool {
        let Route { target, params, transport, subprotocol, deflate, way } = route;
        let role = match target.role {
            Role::Full if transport != Transport::Regular && *head.method() == Method::HEAD => {
                Role::HeadOnly
            }
            role => role,
        };
        let mut wire = Wire::new(transport, &head);
        wire.subprotocol = subprotocol;
        wire.keeps_alive &= self.takes_another_request(key);
        wire.agreed = deflate.map(Into::into);
        let declaration = target.endpoint.declaration();
        let body = arrived.for_action(head.method(), declaration, &self.limits);
        let request = Request::new(head, way, params, arrived.form());
        let home = target.endpoint.home(&self.surroundings);
        let desk = Desk::new(home, Some(request), wire, self.buffers.take());
        let connection = &mut self.connections[key];
        connection.phase = Phase::Waiting;
        connection.is_paused = false;
        let mut answered = |desk: &mut Desk| self.send_answer(key, desk, scope);
        match target.endpoint.open(desk, role, body, &mut answered) {
            Ok(Opened::Answered) => true,
            Ok(Opened::Goes { session, has_heard_body }) => {
                let is_used = has_heard_body || arrived.is_form();
                let connection = &mut self.connections[key];
                if is_used {
                    connection.is_body_unopened = false;
                }
                if !has_heard_body {
                    arrived.leave_for_later(connection);
                }
                self.offer_seat(key, session, scope);
                is_used
            }
            Err(broken) => {
                let BrokenRecipe { desk, text } = *broken;
                let action = desk.declaration.name;
                tracing::error!(action, "the recipe of a route panicked: {text}");
                let request = desk.request.as_ref().expect("an action is made for a request");
                let asked = self.asked(request.head(), Some(desk.declaration));
                let reply = Reply::failure();
                self.answer_request(key, &asked, request.head(), reply, scope);
                true
            }
        }
    }

    /// Sends what an action leaves that had all to say as it began: most do that answer a request,
    /// and so they never take a seat.
    fn send_answer(&mut self, key: usize, desk: &mut Desk, scope: &mut Scope<'_>) {
        let connection = &mut self.connections[key];
        desk.wire.keeps_alive &= can_discard(connection, self.limits.discard_bytes_max);
        desk.seal(connection.outbox.lent(&mut self.buffers));
        self.buffers.give(std::mem::take(&mut desk.out));
        self.note_passing(desk);
        self.keep_block_of(desk);
        self.after_answer(key, desk.wire.leaves_connection_open(), scope);
        if self.reading != Some(key) {
            // One that is read is written to as soon as it has been.
            self.mark_dirty(key, scope);
        }
    }

    /// Seats a session that has begun, and does what it asked for.
    fn offer_seat(&mut self, key: usize, session: Box<dyn Live>, scope: &mut Scope<'_>) {
        let seat = self.seat(session, Some(key));
        self.connections[key].seat = Some(seat.into());
        self.after_call(seat, scope);
        self.continue_request(seat, scope);
        if self.leaving.last() == Some(&seat) && !self.seats[seat].session.has_farewell() {
            // It has answered and hears no goodbye at settle: the next request of a pipeline
            // finds its place still warm.
            self.leaving.pop();
            self.say_goodbye(seat, scope);
        }
    }

    /// After a call that may have let the action start: its body is read, its socket opened.
    pub(crate) fn continue_request(&mut self, seat: usize, scope: &mut Scope<'_>) {
        let Some(key) = self.seats.get(seat).and_then(Seat::connection) else { return };
        if self.connections[key].phase == Phase::Waiting {
            let desk = self.seats[seat].session.peek();
            if desk.stage == Stage::Running {
                let is_socket = desk.wire.transport == Transport::Websocket;
                if desk.wire.transport.is_stream() {
                    self.collect(key);
                    let connection = &mut self.connections[key];
                    connection.head_left = HeadLeft::of(connection.outbox.len());
                    self.tell_write_timeout(key, seat);
                }
                self.begin_as_poll(seat);
                self.list(seat, scope);
                if is_socket {
                    self.open_socket(key, seat, scope);
                } else {
                    self.open_body(key, seat, scope);
                }
                if self.is_closed() {
                    // It comes too late to stay.
                    self.see_out(key, scope);
                }
            }
        }
        if self.connections.contains(key) {
            self.watch(key, scope);
        }
    }

    fn open_socket(&mut self, key: usize, seat: usize, scope: &mut Scope<'_>) {
        let declared = self.seats[seat].session.peek().declaration;
        self.tempo.begin(key, declared.messages_per_second_max);
        self.connections[key].phase = Phase::Websocket;
        self.read_on(key, scope);
    }

    /// Uses what arrived already: in the reading under way, or else in one of its own.
    pub(crate) fn read_on(&mut self, key: usize, scope: &mut Scope<'_>) {
        if self.reading != Some(key) {
            scope.revisit(self.connections[key].source);
        }
    }

    fn takes_body(&self, seat: usize) -> bool {
        let session = &self.seats[seat].session;
        let method = session.peek().request.as_ref().map(|request| request.head().method());
        session.takes_data() && matches!(method, Some(m) if has_body_for_actions(m))
    }

    /// Starts to read the body for the session; what nobody takes is dropped at the end.
    fn open_body(&mut self, key: usize, seat: usize, scope: &mut Scope<'_>) {
        if !self.takes_body(seat) {
            return;
        }
        let connection = &mut self.connections[key];
        if connection.inbox.as_mut().is_some_and(|inbox| std::mem::take(&mut inbox.has_form)) {
            let desk = self.seats[seat].session.peek();
            let form = desk.request.as_ref().map(|request| request.form().to_vec());
            let form = form.unwrap_or_default();
            return self.call(seat, scope, |session| match session.takes_parts() {
                true => session.receive_part(Part { bytes: &form, is_text: false, is_last: true }),
                false => session.receive(Data::Body(&form)),
            });
        }
        if self.connections[key].body().is_some() {
            return self.resume_body(key, seat, scope);
        }
        let Some(length) = self.connections[key].take_body_length() else { return };
        let session = &self.seats[seat].session;
        let is_streamed = session.takes_parts();
        let bytes_max = session.peek().declaration.body_bytes_max;
        let bytes_max = bytes_max.unwrap_or(self.limits.body_bytes_max);
        match BodyDecoder::new(length, bytes_max as u64) {
            Err(fault) => self.body_failed(key, seat, &fault, scope),
            Ok(decoder) => {
                if length != BodyLength::None {
                    self.send_continue(key, scope);
                }
                let flow = Flow::new(self.now);
                let body = BodyReading { decoder, bytes: Vec::new(), is_streamed, flow };
                let connection = &mut self.connections[key];
                connection.inbox().body = Some(body);
                connection.phase = Phase::Body;
                self.read_on(key, scope);
            }
        }
    }

    /// Goes on with a body whose reading had begun as a form's.
    fn resume_body(&mut self, key: usize, seat: usize, scope: &mut Scope<'_>) {
        let is_streamed = self.seats[seat].session.takes_parts();
        let connection = &mut self.connections[key];
        connection.phase = Phase::Body;
        let body = connection.body().expect("it was there for the caller");
        body.is_streamed = is_streamed;
        body.flow = Flow::new(self.now);
        if is_streamed {
            let bytes = std::mem::take(&mut body.bytes);
            let part = Part { bytes: &bytes, is_text: false, is_last: false };
            self.call(seat, scope, |session| session.receive_part(part));
        }
        if self.connections.contains(key) {
            self.read_on(key, scope);
        }
    }

    /// The body is longer than allowed, or none: the session ends, the client is told.
    pub(crate) fn body_failed(
        &mut self,
        key: usize,
        seat: usize,
        fault: &Fault,
        scope: &mut Scope<'_>,
    ) {
        let desk = self.seats[seat].session.peek();
        let head = desk.request.as_ref().expect("a body has a request").head();
        let asked = self.asked(head, Some(desk.declaration));
        let is_answered = desk.wire.is_head_sent;
        if !is_answered {
            self.log_access(seat, fault.status());
        }
        self.connections[key].take_body();
        self.finish_session(key, FinishReason::Failed, scope);
        if is_answered {
            let connection = &mut self.connections[key];
            connection.lingers = true;
            connection.phase = Phase::Closing;
            return self.mark_dirty(key, scope);
        }
        self.refuse_fault(key, &asked, fault, scope);
    }

    /// Tells a client that waits for it to send its body.
    pub(crate) fn send_continue(&mut self, key: usize, scope: &mut Scope<'_>) {
        let connection = &mut self.connections[key];
        let inbox = connection.inbox.as_mut();
        if inbox.is_some_and(|inbox| std::mem::take(&mut inbox.expects_continue)) {
            connection.outbox.open().extend_from_slice(CONTINUE);
            self.mark_dirty(key, scope);
        }
    }
}

/// Whether a body of this method is an action's business.
pub(crate) fn has_body_for_actions(method: &Method) -> bool {
    matches!(*method, Method::POST | Method::PUT | Method::PATCH)
}
