//! Compressed messages that arrive: inflated, and handed over.

use super::Phase;
use super::inbox::Inflow;
use crate::action::{Data, Part};
use crate::protocol::websocket::deflate::{Direction, Inflation, Past};
use crate::protocol::websocket::{Deflated, Event, Fault, Role};
use crate::reactor::{Scope, Source};
use crate::server::engine::Engine;

impl Engine {
    /// Inflates a message, or what has arrived of one, for the session that is to hear it.
    pub(crate) fn hear_deflated(
        &mut self,
        key: usize,
        message: &Deflated<'_>,
        bytes_max: usize,
        inflow: &mut Option<Box<Inflow>>,
        scope: &mut Scope<'_>,
    ) -> Result<(), Fault> {
        let Some(seat) = self.connections[key].seat() else { return Ok(()) };
        let session = &self.seats[seat].session;
        let Some(direction) = session.peek().wire.deflating(Role::Client) else { return Ok(()) };
        let Direction { takes_over, window_bits } = direction;
        let new_past = || Past::new(window_bits);
        let ledger = self.hub.ledger();
        let new_inflow = || Box::new(Inflow::new(takes_over, ledger));
        if session.takes_parts() {
            let flow = inflow.get_or_insert_with(new_inflow);
            if message.is_first {
                let past = flow.past.take().unwrap_or_else(new_past);
                flow.inflation = Some(Inflation::new(past, message.is_text, bytes_max));
            }
            if let Some(inflation) = &mut flow.inflation {
                inflation.feed(message.bytes, message.is_last);
            }
            return self.hand_over_parts(key, flow, scope);
        }
        let past = match takes_over {
            true => {
                let flow = inflow.get_or_insert_with(new_inflow);
                Some(flow.past.get_or_insert_with(new_past))
            }
            false => None,
        };
        let mut inflater = self.compression.inflater.take().unwrap_or_default();
        let heard = inflater.inflate(message, past, bytes_max).map(|event| {
            let data = match event {
                Event::Text(text) => Data::Text(text),
                Event::Binary(bytes) => Data::Binary(bytes),
                other => unreachable!("a message is inflated into one, not into {other:?}"),
            };
            self.hand_over(key, data, scope);
        });
        self.effort += inflater.effort();
        self.compression.inflater = Some(inflater);
        if let Some(inflow) = inflow {
            inflow.count();
        }
        heard
    }

    /// Whether inflating and compressing for the connection that is read took as long as reading
    /// may, and the others get their turn: what is short on the wire may be long to look at, and
    /// what is quickly read long to answer.
    #[inline]
    pub(crate) fn has_had_its_part(&self, key: usize) -> bool {
        self.is_pressing
            && self.effort + self.effort_to_come(key) >= self.limits.read_bytes_per_tick
    }

    /// Hands over what has arrived of a message, part by part, until its session holds it back.
    pub(crate) fn hand_over_parts(
        &mut self,
        key: usize,
        inflow: &mut Inflow,
        scope: &mut Scope<'_>,
    ) -> Result<(), Fault> {
        let source = self.connections[key].source;
        while !self.has_had_its_part(key)
            && let Some(seat) = self.seat_that_hears(key, source)
            && let Some(inflation) = &mut inflow.inflation
            && let Some(Event::Part { bytes, is_text, is_last }) = inflation.part()?
        {
            let part = Part { bytes, is_text, is_last };
            self.effort += bytes.len();
            self.call(seat, scope, |session| session.receive_part(part));
            if is_last {
                let inflation = inflow.inflation.take();
                self.effort += inflation.as_ref().map_or(0, Inflation::effort);
                let past = inflation.map(Inflation::into_past);
                inflow.past = past.filter(|_| inflow.takes_over);
            }
        }
        inflow.count();
        Ok(())
    }

    /// The seat of a connection whose session hears messages now.
    fn seat_that_hears(&self, key: usize, source: Source) -> Option<usize> {
        let connection = self.connections.get(key).filter(|it| it.source == source)?;
        let hears = connection.phase == Phase::Websocket && !connection.is_paused;
        connection.seat().filter(|_| hears)
    }
}
