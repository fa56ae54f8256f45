//! What arrives on a WebSocket.

use super::Phase;
use super::inbound::Step;
use super::inbox::Socket;
use crate::action::{Data, FinishReason, Part};
use crate::figures::Refused;
use crate::protocol::websocket::{
    Close, Decoder, Event, Fault, Role, Whole, close_code, encode_close, encode_pong,
};
use crate::reactor::{Scope, Source};
use crate::server::engine::Engine;

impl Engine {
    /// Decodes messages in place and hands them over, until one is incomplete.
    pub(crate) fn read_socket(
        &mut self,
        key: usize,
        input: &mut [u8],
        scope: &mut Scope<'_>,
    ) -> Step {
        let connection = &mut self.connections[key];
        if connection.is_paused && connection.phase == Phase::Websocket {
            return Step::Stay;
        }
        if input.is_empty() && connection.inbox.is_none() {
            return Step::Stay;
        }
        let source = connection.source;
        let kept = connection.inbox.as_mut().and_then(|inbox| inbox.socket.take());
        let (mut kept, mut anew) = (kept, None);
        let socket = match &mut kept {
            Some(socket) => &mut **socket,
            None => anew.insert(Socket { decoder: self.decoder(key), inflow: None }),
        };
        let bytes_max = socket.decoder.message_bytes_max();
        let mut used = 0;
        self.is_pressing = socket.decoder.deflates();
        let hears_in_a_row = !self.is_pressing && !self.tempo.counts(key);
        let mut has_its_part = self.has_had_its_part(key);
        if let Some(inflow) = &mut socket.inflow {
            if let Err(fault) = self.hand_over_parts(key, inflow, scope) {
                self.socket_faulted(key, &fault, scope);
                return Step::Used(input.len());
            }
            match self.hears_on(key, source) {
                Some(hears_on) => has_its_part = !hears_on || self.has_had_its_part(key),
                None => return Step::Used(input.len()),
            }
        }
        // Once more when all is used: the decoder frees what it had collected for the last message.
        while !has_its_part {
            let is_all_used = used == input.len();
            if hears_in_a_row && !is_all_used {
                match self.hand_over_row(key, &mut socket.decoder, &mut input[used..], scope) {
                    Ok(0) => {}
                    Ok(bytes) => {
                        used += bytes;
                        match self.hears_on(key, source) {
                            Some(true) if used < input.len() => continue,
                            Some(_) => break,
                            None => return Step::Used(input.len()),
                        }
                    }
                    Err(fault) => {
                        self.socket_faulted(key, &fault, scope);
                        return Step::Used(input.len());
                    }
                }
            } else if is_all_used && socket.decoder.is_at_rest()
                || !is_all_used && self.holds_back(key, scope)
            {
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
                    if let Some(seat) = self.connections[key].seat() {
                        let part = Part { bytes, is_text, is_last };
                        self.call(seat, scope, |session| session.receive_part(part));
                    }
                }
                Some(Event::Deflated(message)) => {
                    let inflow = &mut socket.inflow;
                    let heard = self.hear_deflated(key, &message, bytes_max, inflow, scope);
                    if let Err(fault) = heard {
                        self.socket_faulted(key, &fault, scope);
                        return Step::Used(input.len());
                    }
                }
                Some(Event::Ping(payload)) => self.pong(key, payload, scope),
                Some(Event::Pong(_)) => {}
                Some(Event::Close(close)) => {
                    self.peer_closed(key, close, scope);
                    return Step::Used(input.len());
                }
            }
            match self.hears_on(key, source) {
                Some(true) => has_its_part = self.has_had_its_part(key),
                Some(false) => break,
                None => return Step::Used(input.len()),
            }
        }
        if self.is_pressing {
            socket.inflow.take_if(|inflow| inflow.is_empty());
        }
        if !socket.is_at_rest() {
            self.connections[key].inbox().socket = kept.or_else(|| anew.map(Box::new));
        }
        if used == 0 { Step::Stay } else { Step::Used(used) }
    }

    /// Decodes what arrives on a socket of which nothing has arrived in part.
    fn decoder(&self, key: usize) -> Decoder {
        let Some(seat) = self.connections[key].seat() else {
            // Nobody hears what it says, compressed or not, and none of it is kept, however long
            // it is; the peer's close is still to be read.
            return Decoder::new(Role::Server, usize::MAX).streaming().deflating();
        };
        let session = &self.seats[seat].session;
        let desk = session.peek();
        let bytes_max = desk.declaration.message_bytes_max;
        let bytes_max = bytes_max.unwrap_or(self.limits.message_bytes_max);
        let decoder = Decoder::new(Role::Server, bytes_max);
        let decoder = decoder.with_fragments_max(self.limits.fragments_max);
        let decoder = if session.takes_parts() { decoder.streaming() } else { decoder };
        if desk.wire.deflates() { decoder.deflating() } else { decoder }
    }

    /// Whether a socket takes more of what it was sent; `None` if it is no longer there.
    fn hears_on(&self, key: usize, source: Source) -> Option<bool> {
        let connection = self.connections.get(key).filter(|it| it.source == source)?;
        Some(!connection.is_paused && connection.phase != Phase::Closing)
    }

    /// Hands over the whole messages at the front of `input` in one call, as long as their session
    /// does no more than say something back; returns how many bytes they are.
    fn hand_over_row(
        &mut self,
        key: usize,
        decoder: &mut Decoder,
        input: &mut [u8],
        scope: &mut Scope<'_>,
    ) -> Result<usize, Fault> {
        let Some(seat) = self.connections[key].seat() else { return Ok(0) };
        let input_bytes = input.len();
        let mut rest = input;
        let mut fault = None;
        self.call(seat, scope, |session| {
            while !rest.is_empty() {
                let data = match decoder.decode_whole(&mut rest) {
                    Ok(Some(Whole::Text(text))) => Data::Text(text),
                    Ok(Some(Whole::Binary(bytes))) => Data::Binary(bytes),
                    Ok(None) => break,
                    Err(error) => {
                        fault = Some(error);
                        break;
                    }
                };
                session.receive(data);
                if session.peek().has_asked() {
                    break;
                }
            }
        });
        let used = input_bytes - rest.len();
        fault.map_or(Ok(used), Err)
    }

    /// Hands a message to the session, if one is still there to take it.
    pub(crate) fn hand_over(&mut self, key: usize, data: Data<'_>, scope: &mut Scope<'_>) {
        if let Some(seat) = self.connections[key].seat() {
            self.call(seat, scope, |session| session.receive(data));
        }
    }

    /// Answers a ping, ahead of whatever waits.
    fn pong(&mut self, key: usize, payload: &[u8], scope: &mut Scope<'_>) {
        if self.connections[key].phase != Phase::Websocket {
            return;
        }
        if self.has_much_to_say(key) {
            // Not all of it will be taken at once, and what is left lets the pong pass.
            self.flush(key, scope);
        }
        let Some(connection) = self.connections.get_mut(key) else { return };
        if connection.outbox.is_backlogged() {
            let mut frame = Vec::new();
            encode_pong(&mut frame, payload);
            connection.outbox.push_control(&frame);
        } else {
            self.collect(key);
            encode_pong(self.connections[key].outbox.lent(&mut self.buffers), payload);
        }
        self.mark_dirty(key, scope);
    }

    /// Whether a session has rendered, in this tick, more than a pong should wait for.
    fn has_much_to_say(&self, key: usize) -> bool {
        let seat = self.connections[key].seat();
        let rendered = seat.map_or(0, |seat| self.seats[seat].session.peek().out.len());
        rendered + self.connections[key].outbox.len() > PONG_WAITS_FOR_BYTES_MAX
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
        let why = match (fault, code) {
            (Fault::Deflate, _) => Refused::BadDeflate,
            (_, close_code::INVALID_PAYLOAD) => Refused::BadText,
            (_, close_code::TOO_LONG) => Refused::MessageTooLong,
            _ => Refused::BadFrame,
        };
        self.break_off(key, code, why, &fault.to_string(), scope);
    }

    /// Closes a socket from which nothing more is heard, and tells it why.
    pub(crate) fn break_off(
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

/// Bytes that may go out in one write with a pong, ahead of it.
///
/// 64 KiB: what a system takes at once of a peer that reads; writing more apart from the pong costs
/// little beside it.
const PONG_WAITS_FOR_BYTES_MAX: usize = 64 * 1024;
