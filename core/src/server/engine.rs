//! The engine: the handler that joins sockets, protocols and actions on the loop.
//!
//! This file is its shape and its tick. Who arrives is let in by `arrival`; what is done with the
//! bytes of a `connection` is there, with a `request` there, and with a session in `seat`; with
//! what is published in `channels`, and with time in `time`; `refusals` counts who is refused, and
//! `stop` ends it all.

use std::cell::RefCell;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime};

use signal_hook_mio::v1_0::Signals;
use slab::Slab;

use super::arrival::accept::tcp_options;
use super::arrival::admission::Admission;
use super::arrival::proxies::Proxies;
use super::channels::budget::Budget;
use super::channels::hub::{Epoch, Hub, Round};
use super::connection::Connection;
use super::connection::buffers::Buffers;
use super::connection::compression::Compression;
use super::connection::tempo::Tempo;
use super::limits::Limits;
use super::process::supervisor::Supervisor;
use super::refusals::Refusals;
use super::seat::{Seat, TimerKey};
use super::stop::Stopping;
use super::time::calendar::Calendar;
use super::time::moment::{Moment, Stamp};
use crate::action::{
    Cors, Drain, FIRST_MINTED_ID, FinishReason, Live, Origins, ReplyId, Roll, Surroundings,
};
use crate::figures::Figures;
use crate::protocol::http::{Date, HeadRoom};
use crate::reactor::{Handler, Interest, Listener, Readiness, Scope, Source, Timer};
use crate::routes::RouteTable;
use crate::transport::ReadyHeads;

/// A server on the loop.
pub(crate) struct Engine {
    pub(super) listener: Option<(Listener, Source)>,
    pub(super) signals: Option<Signals>,
    /// Who wants to hear how the process is.
    pub(super) supervisor: Option<Supervisor>,
    pub(super) connections: Slab<Connection>,
    pub(super) seats: Slab<Seat>,
    /// When each connection is to be looked at.
    pub(super) calendar: Calendar,
    /// The timer for the next of them, and when it fires.
    pub(super) alarm: Option<(Timer, Moment)>,
    pub(super) looked_at: Vec<(Moment, usize)>,
    pub(super) routes: RouteTable,
    pub(super) limits: Rc<Limits>,
    pub(super) proxies: Proxies,
    pub(super) surroundings: Rc<Surroundings>,
    pub(super) is_development: bool,
    pub(super) hub: Hub,
    pub(super) budget: Budget,
    pub(super) refusals: Refusals,
    pub(super) admission: Admission,
    pub(super) tempo: Tempo,
    pub(super) buffers: Buffers,
    pub(super) compression: Compression,
    /// The loop's one buffer for what arrives.
    pub(super) input: Vec<u8>,
    /// The connection whose input is being used.
    pub(super) reading: Option<usize>,
    /// Its messages may be compressed, and take longer than their bytes say.
    pub(super) is_pressing: bool,
    /// What its messages took to inflate and to compress in this turn of it, in bytes read.
    pub(super) effort: usize,
    /// Connections with something to write.
    pub(super) dirty: Vec<usize>,
    /// Seats whose session has finished and not yet said goodbye.
    pub(super) leaving: Vec<usize>,
    /// Deferred work that found the queue full.
    pub(super) turned_away: Vec<(usize, u32, ReplyId)>,
    /// Sessions that have asked what is held.
    pub(super) measuring: Vec<(usize, u32, ReplyId)>,
    /// Connections accepted since somebody was found waiting.
    pub(super) found_waiting: usize,
    /// Seats that have something still to hear, and can take some of it.
    pub(super) behind: Vec<usize>,
    /// Polls that have something to answer with, and may get more of it in this tick.
    pub(super) answered: Vec<(usize, u32)>,
    /// A timer will look through the past.
    pub(super) is_sweep_armed: bool,
    /// A timer will tell who has left, and when.
    pub(super) departure: Option<(Timer, Instant)>,
    pub(super) round: Round,
    pub(super) round_count: u32,
    pub(super) due: Vec<u32>,
    pub(super) next_generation: u32,
    /// Where heads are read, and the blocks of those whose requests are answered: in a pipeline, or
    /// of those who poll, the next ones are much alike.
    pub(super) head_room: HeadRoom,
    /// Spreads what else would happen to all connections at once.
    pub(super) chance: u64,
    pub(super) stopping: Option<Stopping>,
    /// A callback has asked for the stop.
    pub(super) drain_asked: Option<Drain>,
    /// Who finished and why, where a trial wants to know.
    pub(super) farewells: Option<Farewells>,
    /// Connections have the listener's TCP options from the first.
    pub(super) has_tcp_options: bool,
    pub(super) is_accept_paused: bool,
    /// A timer will end the pause.
    pub(super) is_accept_timed: bool,
    is_settling: bool,
    /// The ticks so far, counted from 1 where they settle, and from 1 again.
    pub(super) settles: u32,
    /// When the tick began.
    pub(super) now: Moment,
    /// The same, for what is kept of it for each connection.
    pub(super) stamp: Stamp,
    /// From when moments are counted.
    epoch: Instant,
    date_until: Instant,
}

/// Whose action finished, and why, in order.
pub(crate) type Farewells = Rc<RefCell<Vec<(Option<SocketAddr>, FinishReason)>>>;

/// Makes the session of a service.
pub(crate) type Starter = Box<dyn FnOnce(Rc<Surroundings>) -> Box<dyn Live>>;

/// What an engine is made of.
pub(crate) struct Parts {
    pub listener: Listener,
    pub routes: RouteTable,
    pub limits: Limits,
    pub origins: Origins,
    pub cors: Option<Cors>,
    pub proxies: Proxies,
    pub is_development: bool,
    pub farewells: Option<Farewells>,
    pub signals: Option<Signals>,
    pub supervisor: Option<Supervisor>,
    pub services: Vec<Starter>,
}

impl Engine {
    /// Registers the listener, starts the services.
    pub fn new(parts: Parts, scope: &mut Scope<'_>) -> io::Result<Self> {
        let Parts { mut listener, routes, limits, is_development, .. } = parts;
        let Parts { origins, cors, proxies, .. } = parts;
        let Parts { farewells, mut signals, supervisor, services, .. } = parts;
        if let Err(error) = listener.set_tcp_options(&tcp_options(&limits)) {
            tracing::warn!(
                "lost peers are noticed late, for TCP does not do as it is told: {error}"
            );
        }
        let source = scope.register(&mut listener, LISTENER, Interest::READABLE)?;
        if let Some(signals) = &mut signals {
            scope.register(signals, SIGNALS, Interest::READABLE)?;
        }
        let now = scope.now();
        let surroundings = Rc::new(Surroundings {
            figures: Figures::default(),
            now: now.into(),
            heads: ReadyHeads::at(Date::at(SystemTime::UNIX_EPOCH)).into(),
            last_call: None.into(),
            calls: 0.into(),
            effects: Vec::new().into(),
            spare_drawers: Default::default(),
            next_id: FIRST_MINTED_ID.into(),
            began: Instant::now().into(),
            events: 1.into(),
            looked: (u32::MAX, Instant::now()).into(),
            slow_callback: limits.slow_callback,
            event_bytes_max: limits.event_bytes_max,
            origins,
            cors,
            roll: Roll::default().into(),
            presence_bytes_max: limits.presence_bytes_max,
            presence_grace: limits.presence_grace,
        });
        let mut engine = Self {
            listener: Some((listener, source)),
            signals,
            supervisor,
            connections: Slab::with_capacity(PLACES),
            seats: Slab::with_capacity(PLACES),
            calendar: Calendar::with_room_for(PLACES),
            alarm: None,
            looked_at: Vec::new(),
            routes,
            hub: Hub::new(Epoch::new(scope.random()), limits.channel_idle_timeout),
            budget: Budget::new(&limits),
            refusals: Refusals::default(),
            admission: Admission::new(&limits),
            tempo: Tempo::new(&limits),
            limits: Rc::new(limits),
            proxies,
            surroundings,
            is_development,
            buffers: Buffers::new(),
            compression: Compression::default(),
            input: vec![0; INPUT_BYTES],
            reading: None,
            is_pressing: false,
            effort: 0,
            dirty: Vec::new(),
            leaving: Vec::new(),
            turned_away: Vec::new(),
            measuring: Vec::new(),
            found_waiting: 0,
            behind: Vec::new(),
            answered: Vec::new(),
            is_sweep_armed: false,
            departure: None,
            round: Round::default(),
            round_count: 0,
            due: Vec::new(),
            next_generation: 0,
            head_room: HeadRoom::default(),
            chance: scope.random(),
            stopping: None,
            drain_asked: None,
            farewells,
            has_tcp_options: false,
            is_accept_paused: false,
            is_accept_timed: false,
            is_settling: false,
            settles: 1,
            now: Moment::new(now, now),
            stamp: Moment::new(now, now).stamp(),
            epoch: now,
            date_until: now,
        };
        engine.enter(scope);
        for service in services {
            let session = service(engine.surroundings.clone());
            let seat = engine.seat(session, None);
            engine.call(seat, scope, |session| session.begin());
            engine.leave_event();
        }
        engine.accept_first(scope);
        engine.report_ready(scope);
        // What they published as they started is delivered before anything else happens.
        scope.again();
        Ok(engine)
    }

    /// Notes that a new event is handled, in a new tick if the loop's clock has moved.
    pub(super) fn enter(&mut self, scope: &Scope<'_>) {
        let now = scope.now();
        let is_new_tick = self.surroundings.now.replace(now) != now;
        // Without a look right before it, another handler may have been called since the last one.
        self.surroundings.begin_event(is_new_tick || scope.looked().is_none());
        if let Some(at) = scope.looked() {
            self.surroundings.note_look(at);
        }
        if is_new_tick {
            self.now = Moment::new(now, self.epoch);
            self.stamp = self.now.stamp();
        }
        if now >= self.date_until {
            self.surroundings.heads.borrow_mut().turn(Date::at(SystemTime::now()));
            self.date_until = now + DATE_LASTS;
        }
    }

    /// Warns if the event just handled held the loop.
    pub(super) fn leave_event(&mut self) {
        self.surroundings.look_at_clock();
    }

    /// The loop is to go on, and when that is the clock may have said just now.
    fn end_call(&mut self, scope: &mut Scope<'_>) {
        self.leave_event();
        if let Some(at) = self.surroundings.last_look() {
            scope.note_look(at);
        }
    }

    /// Whether nothing of this tick is left to be done.
    fn has_settled(&self) -> bool {
        let has_said_all = self.dirty.is_empty() && self.leaving.is_empty();
        let has_timed_all = self.surroundings.calls.get() == 0;
        let has_replied = self.turned_away.is_empty() && self.measuring.is_empty();
        let has_delivered = !self.hub.has_pending() && self.behind.is_empty();
        has_said_all
            && has_timed_all
            && has_delivered
            && has_replied
            && self.answered.is_empty()
            && self.is_in_budget()
            && self.has_told_refusals()
            && self.stopping.is_none()
            && self.drain_asked.is_none()
    }

    /// Asks for another tick if what is recorded now would miss this one's settle.
    pub(super) fn settle_again(&self, scope: &mut Scope<'_>) {
        if self.is_settling {
            scope.again();
        }
    }
}

impl Handler for Engine {
    fn ready(&mut self, event: Readiness, scope: &mut Scope<'_>) {
        let is_of_room = event.is_of_room_alone();
        if is_of_room && self.connections.get(event.key).is_some_and(Connection::has_had_room) {
            // It has just been accepted, or its peer has taken what was written long ago.
            return scope.pass_look_on();
        }
        self.enter(scope);
        match event.key {
            LISTENER => self.accept(scope),
            SIGNALS => self.hear_signals(scope),
            connection => self.connection_ready(connection, event, scope),
        }
        self.end_call(scope);
    }

    fn expired(&mut self, timer: Timer, key: u64, scope: &mut Scope<'_>) {
        self.enter(scope);
        match TimerKey::unpack(key) {
            TimerKey::Seat { seat, id } => {
                let entry = &mut self.seats[seat];
                let fired = entry.timers.iter().position(|known| known.armed == timer);
                if let Some(at) = fired
                    && !entry.timers[at].is_periodic
                {
                    entry.timers.swap_remove(at);
                }
                let is_held = entry.session.peek().is_held();
                self.call(seat, scope, |session| session.expire(id));
                if is_held {
                    self.continue_request(seat, scope);
                }
            }
            TimerKey::Alarm => self.look_at_due(scope),
            TimerKey::Accept => self.accept_after_pause(scope),
            TimerKey::Stop => self.stop_further(scope),
            TimerKey::Pace => self.see_streams_out(scope),
            TimerKey::Watchdog => self.report_alive(),
            TimerKey::Sweep => self.sweep(scope),
            TimerKey::Departure => self.depart(scope),
            TimerKey::Refusals => self.end_silence(),
        }
        self.end_call(scope);
    }

    fn settle(&mut self, scope: &mut Scope<'_>) {
        if self.has_settled() {
            self.settles = self.settles.checked_add(1).unwrap_or(1);
            return scope.pass_look_on();
        }
        self.enter(scope);
        self.is_settling = true;
        self.reply_to_turned_away(scope);
        self.catch_up(scope);
        if self.hub.has_pending() {
            self.deliver(scope);
        }
        self.finish_batches(scope);
        self.say_goodbyes(scope);
        self.tell_measures(scope);
        self.flush_dirty(scope);
        self.keep_to_budget(scope);
        self.tell_refusals(scope);
        if let Some(why) = self.drain_asked.take() {
            self.drain(why, scope);
        }
        self.is_settling = false;
        self.settles = self.settles.checked_add(1).unwrap_or(1);
        self.go_if_done(scope);
        self.end_call(scope);
    }
}

/// The key of the listener's events; connections have their index.
pub(super) const LISTENER: usize = usize::MAX;
pub(super) const SIGNALS: usize = usize::MAX - 1;

/// Bytes of the loop's read buffer: 16 messages of 16 KiB with their headers in one read, and more
/// gains nothing.
pub(super) const INPUT_BYTES: usize = 272 * 1024;

/// Places for connections and sessions that are there from the first.
///
/// 8,192 of each: so large that an allocator takes them straight from the system. Untouched they
/// are addresses and no memory, and as they grow they leave no holes on the heap.
const PLACES: usize = 8192;

/// How long one `Date` serves: its unit.
const DATE_LASTS: Duration = Duration::from_secs(1);
