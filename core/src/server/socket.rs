//! What arrives on a WebSocket.

use super::connection::{Phase, Socket};
use super::engine::Engine;
use super::inbound::Step;
use crate::action::{Data, FinishReason, Part};
use crate::figures::Refused;
use crate::protocol::websocket::{
    Close, Decoder, Event, Fault, Role, close_code, encode_close, encode_pong,
};
use crate::reactor::Scope;

impl Engine {
    /// Decodes messages in place and hands them over, until one is incomplete.
    pub(super) fn read_socket(
        &mut self,
        key: usize,
        input: &mut [u8],
        scope: &mut Scope<'_>,
    ) -> Step {
        let connection = &mut self.connections[key];
        if connection.is_paused && connection.phase == Phase::Websocket {
            return Step::Stay;
        }
        // A session that closed as it started has none: the peer's answer is still to be read.
        let message_bytes_max = self.limits.message_bytes_max;
        let closing =
            || Box::new(Socket { decoder: Decoder::new(Role::Server, message_bytes_max) });
        let mut socket = connection.socket.take().unwrap_or_else(closing);
        let source = connection.source;
        let mut used = 0;
        // Once more when all is used: the decoder frees what it had collected for the last message.
        loop {
            if used < input.len() && self.holds_back(key, scope) {
                break;
            }
            let decoded = match socket.decoder.decode(&mut input[used..]) {
                Ok(decoded) => decoded,
                Err(fault) => {
                    self.socket_faulted(key, &fault, scope);
                    return Step::Used(input.len());
                }
            };
            used += decoded.consumed;
            if let Some(event) = &decoded.event
                && !self.counts_in(key, event)
            {
                self.close_too_fast(key, scope);
                return Step::Used(input.len());
            }
            match decoded.event {
                None if decoded.consumed == 0 => break,
                None => {}
                Some(Event::Text(text)) => self.hand_over(key, Data::Text(text), scope),
                Some(Event::Binary(bytes)) => self.hand_over(key, Data::Binary(bytes), scope),
                Some(Event::Part { bytes, is_text, is_last }) => {
                    if let Some(seat) = self.connections[key].seat {
                        let part = Part { bytes, is_text, is_last };
                        self.call(seat, scope, |session| session.receive_part(part));
                    }
                }
                Some(Event::Ping(payload)) => self.pong(key, payload, scope),
                Some(Event::Pong(_)) => {}
                Some(Event::Close(close)) => {
                    self.peer_closed(key, close, scope);
                    return Step::Used(input.len());
                }
            }
            match self.connections.get(key) {
                Some(connection) if connection.source == source => {
                    if connection.is_paused || connection.phase == Phase::Closing {
                        break;
                    }
                }
                _ => return Step::Used(input.len()),
            }
        }
        self.connections[key].socket = Some(socket);
        if used == 0 { Step::Stay } else { Step::Used(used) }
    }

    /// Hands a message to the session, if one is still there to take it.
    fn hand_over(&mut self, key: usize, data: Data<'_>, scope: &mut Scope<'_>) {
        if let Some(seat) = self.connections[key].seat {
            self.call(seat, scope, |session| session.receive(data));
        }
    }

    /// Answers a ping, ahead of whatever waits.
    fn pong(&mut self, key: usize, payload: &[u8], scope: &mut Scope<'_>) {
        let connection = &mut self.connections[key];
        if connection.phase != Phase::Websocket {
            return;
        }
        if connection.outbox.is_backlogged() {
            let mut frame = Vec::new();
            encode_pong(&mut frame, payload);
            connection.outbox.push_control(&frame);
        } else {
            self.collect(key);
            let connection = &mut self.connections[key];
            if connection.outbox.open().capacity() == 0 {
                *connection.outbox.open() = self.buffers.take();
            }
            encode_pong(connection.outbox.open(), payload);
        }
        self.mark_dirty(key, scope);
    }

    /// The peer sent a close frame: it is answered, unless it is itself the answer to ours.
    fn peer_closed(&mut self, key: usize, close: Option<Close<'_>>, scope: &mut Scope<'_>) {
        let code = close.map(|close| close.code);
        let is_answer = self.connections[key].phase == Phase::SocketClosing;
        self.finish_session(key, FinishReason::Disconnected { code }, scope);
        let connection = &mut self.connections[key];
        if !is_answer {
            let answer = code.map(|code| (code, ""));
            encode_close(connection.outbox.open(), answer)
                .expect("the peer was allowed to send it");
        }
        connection.phase = Phase::Closing;
        self.mark_dirty(key, scope);
    }

    /// The peer broke the protocol: it is told how, and the connection ends.
    fn socket_faulted(&mut self, key: usize, fault: &Fault, scope: &mut Scope<'_>) {
        let code = fault.close_code();
        let why = match code {
            close_code::INVALID_PAYLOAD => Refused::BadText,
            close_code::TOO_LONG => Refused::MessageTooLong,
            _ => Refused::BadFrame,
        };
        self.break_off(key, code, why, &fault.to_string(), scope);
    }

    /// Closes a socket from which nothing more is heard, and tells it why.
    pub(super) fn break_off(
        &mut self,
        key: usize,
        code: u16,
        refused: Refused,
        why: &str,
        scope: &mut Scope<'_>,
    ) {
        tracing::debug!(code, "websocket: {why}");
        self.surroundings.figures.refused(refused);
        let is_open = self.connections[key].phase == Phase::Websocket;
        self.finish_session(key, FinishReason::Disconnected { code: Some(code) }, scope);
        let connection = &mut self.connections[key];
        if is_open {
            let close = Some((code, why));
            encode_close(connection.outbox.open(), close).expect("codes of faults can be sent");
        }
        connection.lingers = true;
        connection.phase = Phase::Closing;
        self.mark_dirty(key, scope);
    }
}
