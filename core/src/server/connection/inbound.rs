//! What arrives on connections: read into the loop's one buffer, used there in place.

use std::io::{self, ErrorKind, Read};

use crate::action::{Data, FinishReason, Part};
use crate::protocol::http::BodyPart;
use crate::reactor::{Readiness, Scope};
use crate::server::connection::{Asked, Connection, Phase};
use crate::server::engine::{Engine, INPUT_BYTES};

impl Engine {
    /// A connection's stream is ready for something.
    pub(crate) fn connection_ready(&mut self, key: usize, event: Readiness, scope: &mut Scope<'_>) {
        let Some(connection) = self.connections.get_mut(key) else { return };
        if event.writable {
            connection.is_writable = true;
        }
        if event.error && event.write_closed {
            let error = connection.stream.take_error().ok().flatten();
            return self.lose(key, error.as_ref(), scope);
        }
        if event.writable && !connection.outbox.is_empty() {
            self.flush(key, scope);
        }
        if let Some(connection) = self.connections.get_mut(key)
            && (event.readable || event.read_closed || event.revisited)
        {
            let is_news = event.read_closed && !connection.end_is_near;
            connection.end_is_near |= event.read_closed;
            if is_news && connection.is_paused {
                // It is not read that it is gone, so it is given a time to be heard out.
                connection.heard = self.stamp;
                self.watch(key, scope);
            }
            self.read(key, scope);
        }
    }

    /// Reads until a read comes back short, nothing more is wanted, or the turn is over.
    pub(crate) fn read(&mut self, key: usize, scope: &mut Scope<'_>) {
        let mut input = std::mem::take(&mut self.input);
        self.reading = Some(key);
        let mut turn = self.limits.read_bytes_per_tick;
        self.is_pressing = false;
        self.effort = 0;
        while let Some(connection) = self.connections.get_mut(key) {
            if !connection.wants_input(&self.limits) {
                if connection.end_is_near && connection.phase == Phase::Waiting {
                    self.input_ended(key, scope);
                } else {
                    self.watch(key, scope);
                }
                break;
            }
            let source = connection.source;
            let kept = unpack_carry(connection, &mut input);
            // What was kept while reading rested is used up first: it is not to pile up.
            let takes_stock = std::mem::take(&mut connection.has_stock);
            let read = match takes_stock {
                true => Err(ErrorKind::WouldBlock.into()),
                false => connection.stream.read(&mut input[kept..]),
            };
            let (got, has_ended) = match read {
                Ok(got) => (got, got == 0),
                Err(error) if error.kind() == ErrorKind::WouldBlock => (0, false),
                Err(error) if error.kind() == ErrorKind::Interrupted => {
                    connection.inbox().carry = input[..kept].into();
                    continue;
                }
                Err(error) => {
                    self.lose(key, Some(&error), scope);
                    break;
                }
            };
            if got > 0 {
                self.surroundings.figures.bytes_in.add(got as u64);
                connection.heard = self.stamp;
                connection.pinged = None;
            }
            let filled = kept + got;
            let used = self.process(key, &mut input[..filled], scope);
            let has_had_its_part = self.has_had_its_part(key);
            let Some(connection) = self.connections.get_mut(key) else { break };
            if connection.source != source {
                break;
            }
            if used < filled {
                connection.inbox().carry = input[used..filled].into();
                // What it may not have looked at in this turn rests as well.
                connection.has_stock = has_had_its_part || !connection.wants_input(&self.limits);
            }
            let end_is_near = connection.end_is_near;
            if has_had_its_part {
                scope.revisit(source);
                break;
            }
            if has_ended {
                self.input_ended(key, scope);
                break;
            }
            if takes_stock {
                continue;
            }
            // After a short read the kernel has no more, and an edge will come with the next byte;
            // but no edge will come for an end that was announced with this one.
            let is_short = got < input.len() - kept;
            if got == 0 || is_short && !end_is_near {
                break;
            }
            turn = turn.saturating_sub(got);
            if turn == 0 {
                scope.revisit(source);
                break;
            }
        }
        if input.len() > INPUT_BYTES {
            input.truncate(INPUT_BYTES);
            input.shrink_to_fit();
        }
        self.input = input;
        self.reading = None;
        let Some(connection) = self.connections.get_mut(key) else { return };
        connection.inbox.take_if(|inbox| inbox.is_empty());
        if matches!(connection.phase, Phase::Head | Phase::Discard) {
            // Once for all the requests of a pipeline.
            self.watch(key, scope);
        }
        let connection = &self.connections[key];
        if connection.seat().is_some_and(|seat| self.seats[seat].line.is_some()) {
            // It has something to catch up with, which goes out with this when the tick settles.
            self.mark_dirty(key, scope);
        } else {
            self.flush(key, scope);
        }
    }

    /// Uses what it can of `input`, and says how many bytes that was.
    fn process(&mut self, key: usize, input: &mut [u8], scope: &mut Scope<'_>) -> usize {
        let mut used = 0;
        while let Some(connection) = self.connections.get(key) {
            let phase = connection.phase;
            let rest = &mut input[used..];
            let step = match phase {
                Phase::Head if !connection.takes_requests(&self.limits) => Step::Stay,
                Phase::Head => self.read_head(key, rest, scope),
                Phase::Form => self.read_form(key, rest, scope),
                Phase::Body => self.read_body(key, rest, scope),
                Phase::Discard => self.read_discard(key, rest),
                Phase::Websocket | Phase::SocketClosing => self.read_socket(key, rest, scope),
                Phase::Waiting if !rest.is_empty() && self.is_last_answer(key) => {
                    // It will never be answered, and the client's end may lie behind it.
                    Step::Used(rest.len())
                }
                Phase::Waiting => Step::Stay,
                Phase::Closing | Phase::Lingering => return input.len(),
            };
            match step {
                Step::Stay => break,
                Step::Used(bytes) => used += bytes,
            }
            if used == input.len() && matches!(phase, Phase::Websocket | Phase::SocketClosing) {
                // It has made all it can of what there was.
                break;
            }
        }
        used
    }

    /// Whether the connection ends with the stream or poll under way.
    fn is_last_answer(&self, key: usize) -> bool {
        let connection = &self.connections[key];
        let Some(seat) = connection.seat() else { return false };
        let wire = &self.seats[seat].session.peek().wire;
        wire.transport.holds_pipeline() && !wire.keeps_alive && !connection.has_unread_body()
    }

    fn read_head(&mut self, key: usize, input: &[u8], scope: &mut Scope<'_>) -> Step {
        let connection = &mut self.connections[key];
        if input.is_empty() {
            return Step::Stay;
        }
        if connection.excess.is_some() && self.turns_away(key, input, scope) {
            return Step::Used(input.len());
        }
        let connection = &mut self.connections[key];
        let kept = connection.inbox.as_mut().map(|inbox| std::mem::take(&mut inbox.heads));
        let mut heads = kept.unwrap_or_default();
        match heads.decode_in(input, &self.limits.head, &mut self.head_room) {
            Ok(None) => {
                connection.inbox().heads = heads;
                if !std::mem::replace(&mut connection.has_begun_head, true) && connection.has_served
                {
                    // The first bytes of another request: its time begins, but not while an answer
                    // before it was still waited for.
                    connection.since = connection.since.later(connection.heard, self.now);
                }
                self.watch(key, scope);
                Step::Stay
            }
            Ok(Some((head, bytes))) => {
                connection.has_begun_head = false;
                connection.since = self.stamp;
                Step::Used(bytes + self.open_exchange(key, head, &input[bytes..], scope))
            }
            Err(fault) => {
                self.refuse_fault(key, &Asked::garbage(), &fault, scope);
                Step::Used(input.len())
            }
        }
    }

    fn read_form(&mut self, key: usize, input: &[u8], scope: &mut Scope<'_>) -> Step {
        let connection = &mut self.connections[key];
        let inbox = connection.inbox.as_mut();
        let form = inbox.and_then(|inbox| inbox.form.as_mut());
        let form = form.expect("this phase is for reading a form");
        match form.decoder.decode(input) {
            Err(fault) => {
                let form = connection.take_form().expect("it was there just above");
                let asked = self.asked_by(&form);
                self.refuse_fault(key, &asked, &fault, scope);
                Step::Used(input.len())
            }
            Ok(BodyPart { consumed, data, is_done }) => {
                form.bytes.extend_from_slice(data);
                form.flow.add(consumed);
                if form.bytes.len() > self.limits.form_bytes_max {
                    let form = connection.take_form().expect("it was there just above");
                    self.start_with_long_form(key, *form, scope);
                } else if is_done {
                    let form = connection.take_form().expect("it was there just above");
                    self.start_with_form(key, *form, scope);
                } else if consumed == 0 {
                    self.watch(key, scope);
                    return Step::Stay;
                }
                Step::Used(consumed)
            }
        }
    }

    fn read_body(&mut self, key: usize, input: &[u8], scope: &mut Scope<'_>) -> Step {
        let connection = &mut self.connections[key];
        if connection.is_paused {
            return Step::Stay;
        }
        let seat = connection.seat().expect("a body is read for a session");
        let body = connection.body().expect("this phase is for reading a body");
        let BodyPart { consumed, data, is_done } = match body.decoder.decode(input) {
            Ok(part) => part,
            Err(fault) => {
                self.body_failed(key, seat, &fault, scope);
                return Step::Used(input.len());
            }
        };
        if consumed == 0 && !is_done {
            self.watch(key, scope);
            return Step::Stay;
        }
        body.flow.add(consumed);
        let is_streamed = body.is_streamed;
        let mut bytes = std::mem::take(&mut body.bytes);
        if is_done {
            connection.phase = Phase::Waiting;
            connection.take_body();
        } else if !is_streamed {
            bytes.extend_from_slice(data);
            body.bytes = bytes;
            return Step::Used(consumed);
        }
        if is_streamed {
            let part = Part { bytes: data, is_text: false, is_last: is_done };
            self.call(seat, scope, |session| session.receive_part(part));
        } else if bytes.is_empty() {
            self.call(seat, scope, |session| session.receive(Data::Body(data)));
        } else {
            bytes.extend_from_slice(data);
            self.call(seat, scope, |session| session.receive(Data::Body(&bytes)));
        }
        Step::Used(consumed)
    }

    fn read_discard(&mut self, key: usize, input: &[u8]) -> Step {
        let connection = &mut self.connections[key];
        let body = connection.body().expect("this phase is for reading a body");
        match body.decoder.decode(input) {
            Err(_) => {
                connection.take_body();
                connection.lingers = true;
                connection.phase = Phase::Closing;
                Step::Used(input.len())
            }
            Ok(BodyPart { consumed, is_done, .. }) => {
                body.flow.add(consumed);
                if is_done {
                    connection.take_body();
                    connection.phase = Phase::Head;
                    connection.since = self.stamp;
                } else if consumed == 0 {
                    return Step::Stay;
                }
                Step::Used(consumed)
            }
        }
    }

    /// The peer has sent all it will: a disconnect, but for a regular request that is complete.
    fn input_ended(&mut self, key: usize, scope: &mut Scope<'_>) {
        let connection = &mut self.connections[key];
        if connection.phase == Phase::Waiting {
            let seat = connection.seat().expect("something is waited for");
            let wire = &mut self.seats[seat].session.desk().wire;
            if wire.transport.ends_with_client() {
                return self.disconnect(key, None, scope);
            }
            if !connection.carry().is_empty() {
                // The body, or more requests: the end comes up again behind them.
                return;
            }
            if connection.has_unread_body() {
                return self.disconnect(key, None, scope);
            }
            wire.keeps_alive = false;
        }
        connection.is_read_closed = true;
        match connection.phase {
            Phase::Waiting => {}
            Phase::Head | Phase::Discard | Phase::Closing => {
                connection.phase = Phase::Closing;
                connection.lingers = false;
                self.close_if_written(key, scope);
            }
            Phase::Form | Phase::Body | Phase::Websocket => self.disconnect(key, None, scope),
            Phase::SocketClosing | Phase::Lingering => self.drop_connection(key, scope),
        }
    }

    /// The peer is gone: its session ends, and nothing more is written.
    pub(crate) fn disconnect(&mut self, key: usize, code: Option<u16>, scope: &mut Scope<'_>) {
        self.abandon(key, FinishReason::Disconnected { code }, scope);
    }

    /// The connection has failed. One on which the system has waited in vain has timed out.
    pub(crate) fn lose(&mut self, key: usize, error: Option<&io::Error>, scope: &mut Scope<'_>) {
        let reason = match error.map(io::Error::kind) {
            Some(ErrorKind::TimedOut | ErrorKind::HostUnreachable) => FinishReason::TimedOut,
            _ => FinishReason::Disconnected { code: None },
        };
        self.abandon(key, reason, scope);
    }
}

/// What a phase made of its input.
pub(crate) enum Step {
    /// More must arrive, or something must happen, before it goes on.
    Stay,
    /// So many bytes are used; the phase may be another one now.
    Used(usize),
}

/// Puts what was kept back in front of what will be read.
fn unpack_carry(connection: &mut Connection, input: &mut Vec<u8>) -> usize {
    let Some(inbox) = &mut connection.inbox else { return 0 };
    let carry = std::mem::take(&mut inbox.carry);
    if carry.is_empty() {
        return 0;
    }
    if input.len() < carry.len() + READ_BYTES_MIN {
        input.resize(carry.len() + READ_BYTES_MIN, 0);
    }
    input[..carry.len()].copy_from_slice(&carry);
    carry.len()
}

/// Bytes of room a read has at least, whatever is kept in front of it.
const READ_BYTES_MIN: usize = 64 * 1024;
