//! A wire: the bytes between a stream of the loop and its far end, and what ails them.
//!
//! The loop's end behaves as a TCP socket of Linux does (tcp(7), epoll(7)); the far end is the
//! hand of a test. Nothing here knows other wires, and the time is told.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, IoSlice};
use std::mem;
use std::net::{Shutdown, SocketAddr};
use std::time::Instant;

use crate::reactor::{Interest, Readiness};

/// The state of one connection.
#[derive(Debug)]
pub(super) struct Wire {
    pub(super) far_address: SocketAddr,
    /// Set when an event is to be made of what has happened.
    pub(super) has_news: bool,
    /// The loop has closed its end.
    pub(super) is_closed: bool,
    /// The far end has been dropped.
    pub(super) is_abandoned: bool,
    pub(super) read_max: Option<usize>,
    pub(super) write_max: Option<usize>,
    /// What the far end has sent that has still to arrive, and when it does.
    on_the_way: VecDeque<(Instant, Arrival)>,
    /// Bytes that have arrived and were not read.
    inbound: VecDeque<u8>,
    /// Bytes the far end has got and nobody has looked at.
    outbound: Vec<u8>,
    /// The far end sends no more.
    is_ended: bool,
    /// The loop has ended its reading, or its writing.
    is_read_shut: bool,
    is_write_shut: bool,
    /// The far end sends no more, though its end may be on the way.
    has_said_end: bool,
    /// Bytes the far end still takes.
    window: Option<usize>,
    /// Until when it takes nothing, whatever its window.
    stalled_until: Option<Instant>,
    /// A write fell short, so room that opens is news.
    is_stalled: bool,
    /// Bytes the loop may write until the connection is reset.
    reset_after: Option<usize>,
    /// The connection was reset; its error has yet to be told.
    is_reset: bool,
    has_error: bool,
    /// The loop closed its end with bytes unread, or bytes came after that.
    is_refused: bool,
}

/// What arrives at the loop's end.
#[derive(Debug)]
pub(super) enum Arrival {
    Bytes(Vec<u8>),
    End,
    Reset,
}

impl Wire {
    pub(super) fn new(far_address: SocketAddr) -> Self {
        Self {
            far_address,
            has_news: false,
            is_closed: false,
            is_abandoned: false,
            read_max: None,
            write_max: None,
            on_the_way: VecDeque::new(),
            inbound: VecDeque::new(),
            outbound: Vec::new(),
            is_ended: false,
            is_read_shut: false,
            is_write_shut: false,
            has_said_end: false,
            window: None,
            stalled_until: None,
            is_stalled: false,
            reset_after: None,
            is_reset: false,
            has_error: false,
            is_refused: false,
        }
    }
}

/// The loop's end.
impl Wire {
    /// Reads at most so many bytes at once.
    pub(super) fn read(&mut self, buffer: &mut [u8], bytes_max: usize) -> io::Result<usize> {
        let most = self.read_max.unwrap_or(usize::MAX).min(self.inbound.len()).min(bytes_max);
        let len = buffer.len().min(most);
        if len > 0 {
            for (byte, sent) in buffer.iter_mut().zip(self.inbound.drain(..len)) {
                *byte = sent;
            }
            // What a short read leaves behind counts as not yet arrived.
            self.has_news |= len < buffer.len() && !self.inbound.is_empty();
            return Ok(len);
        }
        if buffer.is_empty() {
            return Ok(0);
        }
        if mem::take(&mut self.has_error) {
            return Err(ErrorKind::ConnectionReset.into());
        }
        if self.is_read_ended() { Ok(0) } else { Err(ErrorKind::WouldBlock.into()) }
    }

    /// Writes at most so many bytes at once.
    pub(super) fn write(&mut self, slices: &[IoSlice<'_>], bytes_max: usize) -> io::Result<usize> {
        if mem::take(&mut self.has_error) {
            return Err(ErrorKind::ConnectionReset.into());
        }
        if self.is_reset || self.is_write_shut {
            return Err(ErrorKind::BrokenPipe.into());
        }
        let offered: usize = slices.iter().map(|slice| slice.len()).sum();
        let room = self.room();
        self.is_stalled |= offered > room;
        if offered > 0 && room == 0 {
            return Err(ErrorKind::WouldBlock.into());
        }
        let most = self.write_max.unwrap_or(usize::MAX).min(bytes_max);
        let until_reset = self.reset_after.unwrap_or(usize::MAX);
        let taken = offered.min(room).min(most).min(until_reset);
        let bytes = slices.iter().flat_map(|slice| slice.iter());
        self.outbound.extend(bytes.take(taken));

        self.window = self.window.map(|window| window - taken);
        self.reset_after = self.reset_after.map(|left| left - taken);
        self.has_news |= taken < offered && taken == most;
        if self.is_abandoned || self.reset_after == Some(0) {
            self.reset();
        }
        Ok(taken)
    }

    pub(super) fn shutdown(&mut self, how: Shutdown) -> io::Result<()> {
        if self.is_reset {
            return Err(ErrorKind::NotConnected.into());
        }
        self.is_read_shut |= how != Shutdown::Write;
        self.is_write_shut |= how != Shutdown::Read;
        self.has_news |= self.is_read_ended();
        Ok(())
    }

    pub(super) fn take_error(&mut self) -> Option<io::Error> {
        mem::take(&mut self.has_error).then(|| ErrorKind::ConnectionReset.into())
    }

    /// Closes the loop's end; bytes left unread are refused by a reset (RFC 1122, 4.2.2.13).
    pub(super) fn close(&mut self) {
        self.is_closed = true;
        self.is_write_shut = true;
        self.is_refused |= !self.inbound.is_empty() || self.has_bytes_on_the_way();
    }

    fn has_bytes_on_the_way(&self) -> bool {
        self.on_the_way.iter().any(|(_, what)| matches!(what, Arrival::Bytes(_)))
    }

    /// Bytes the far end takes now.
    fn room(&self) -> usize {
        if self.stalled_until.is_some() { 0 } else { self.window.unwrap_or(usize::MAX) }
    }

    /// Has a call that could go on say that it would block; an event follows.
    pub(super) fn pretend_to_block(&mut self) -> io::Error {
        self.has_news = true;
        ErrorKind::WouldBlock.into()
    }

    /// Fills an event with the state as the selector sees it; `None` if there is nothing to tell.
    pub(super) fn readiness(&mut self, event: Readiness, interest: Interest) -> Option<Readiness> {
        let (is_reader, is_writer) = (interest.is_readable(), interest.is_writable());
        let is_hung_up = self.is_reset || self.is_read_ended() && self.is_write_shut;
        let is_readable = !self.inbound.is_empty() || self.is_read_ended();
        let is_writable = self.room() > 0 || self.is_write_shut || self.is_reset;
        // A window that has closed again has still to open for whoever waits for it.
        self.is_stalled &= !is_writable;
        let event = Readiness {
            readable: is_reader && is_readable,
            writable: is_writer && is_writable,
            read_closed: is_hung_up || is_reader && self.is_read_ended(),
            write_closed: is_hung_up || self.has_error,
            error: self.has_error,
            ..event
        };
        (event.readable || event.writable || event.read_closed || event.error).then_some(event)
    }

    fn is_read_ended(&self) -> bool {
        self.is_ended || self.is_reset || self.is_read_shut
    }
}

/// The far end.
impl Wire {
    pub(super) fn send(&mut self, bytes: &[u8], at: Option<Instant>) {
        assert!(!self.has_said_end, "a far end that has finished cannot send");
        if self.is_closed {
            self.is_refused = true;
        } else if !self.is_reset && !bytes.is_empty() {
            self.come(Arrival::Bytes(bytes.to_vec()), at);
        }
    }

    pub(super) fn receive(&mut self) -> Vec<u8> {
        mem::take(&mut self.outbound)
    }

    pub(super) fn finish(&mut self, at: Option<Instant>) {
        if !mem::replace(&mut self.has_said_end, true) {
            self.come(Arrival::End, at);
        }
    }

    /// A reset the far end sends.
    pub(super) fn abort(&mut self, at: Option<Instant>) {
        self.come(Arrival::Reset, at);
    }

    /// Sends something on its way; without a time it is there at once.
    fn come(&mut self, what: Arrival, at: Option<Instant>) {
        match (at, self.on_the_way.back()) {
            (None, None) => self.arrive(what),
            (at, last) => {
                // Nothing overtakes what was sent before.
                let last = last.map(|(at, _)| *at);
                let at = at.max(last).expect("one of them is known");
                self.on_the_way.push_back((at, what));
            }
        }
    }

    fn arrive(&mut self, what: Arrival) {
        match what {
            Arrival::Bytes(_) if self.is_closed || self.is_reset => {}
            Arrival::Bytes(bytes) => self.inbound.extend(bytes),
            Arrival::End => self.is_ended = true,
            Arrival::Reset => return self.reset(),
        }
        self.has_news = true;
    }

    /// Hears how late it is: what is due arrives, and a stall may be over.
    pub(super) fn reach(&mut self, now: Instant) {
        while self.on_the_way.front().is_some_and(|(at, _)| *at <= now) {
            let (_, what) = self.on_the_way.pop_front().expect("it was looked at just now");
            self.arrive(what);
        }
        if self.stalled_until.is_some_and(|until| until <= now) {
            self.stalled_until = None;
            self.has_news |= self.is_stalled && self.room() > 0;
        }
    }

    /// When it next wants to hear how late it is.
    pub(super) fn next_moment(&self) -> Option<Instant> {
        let arrival = self.on_the_way.front().map(|(at, _)| *at);
        arrival.into_iter().chain(self.stalled_until).min()
    }

    /// Takes nothing until then.
    pub(super) fn stall(&mut self, until: Instant) {
        self.stalled_until = self.stalled_until.max(Some(until));
    }

    pub(super) fn reset(&mut self) {
        if !mem::replace(&mut self.is_reset, true) {
            self.has_error = true;
            self.has_news = true;
        }
    }

    pub(super) fn set_window(&mut self, window: Option<usize>) {
        self.window = window;
        self.has_news |= self.room() > 0 && self.is_stalled;
    }

    pub(super) fn reset_after(&mut self, bytes: usize) {
        self.reset_after = Some(bytes);
        if bytes == 0 {
            self.reset();
        }
    }

    pub(super) fn has_finished(&self) -> bool {
        self.is_write_shut
    }

    pub(super) fn was_reset(&self) -> bool {
        self.is_reset || self.is_refused
    }
}
