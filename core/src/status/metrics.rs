//! The action that tells all figures of its server, as Prometheus reads them.

use super::exposition::Kind::{Counter, Gauge};
use super::exposition::{Exposition, Format};
use super::process::Process;
use crate::action::{Action, Callback, Callbacks, Context, Declaration, Outcome, Place, Table};
use crate::figures::{Dropped, Figures, Gauges, Measured, Refused, Timed};
use crate::transport::{Transport, accepts};

/// Tells all figures of its server, as Prometheus reads them: the text format 0.0.4, or
/// OpenMetrics 1.0 for who accepts it.
///
/// ```
/// use crampon::prelude::*;
/// use crampon::trial::World;
///
/// let world = World::new(Routes::new().get("/metrics", Metrics::new));
/// let heard = world.get("/metrics").expect_status(200).heard();
/// let text = heard[0].rendered().expect("a body is heard first");
/// assert!(text.contains("\ncrampon_connections_accepted_total 1\n"));
/// ```
///
/// | family | labels | what it tells |
/// |---|---|---|
/// | `crampon_connections` | `action`, `transport` | open now; `none` between two requests |
/// | `crampon_connections_accepted_total` | | accepted |
/// | `crampon_accept_queue`, `_longest` | | found waiting to be accepted, last and at most |
/// | `crampon_sessions_ended_total` | `action`, `transport`, `reason` | actions that have ended |
/// | `crampon_requests_total` | `status` | requests by the class of their answer, when it ends |
/// | `crampon_messages_total`, `crampon_bytes_total` | `direction` | what came `in` and went `out` |
/// | `crampon_publishes_total`, `crampon_deliveries_total` | | to channels, and to each subscriber |
/// | `crampon_drops_total` | `policy` | messages dropped for slow readers |
/// | `crampon_refusals_total` | `reason` | what was refused to clients |
/// | `crampon_loop_tick_seconds` | | a histogram: how long each tick held the loop |
/// | `crampon_loop_tick_longest_seconds` | | the longest of them |
/// | `crampon_callback_*` | `action`, `callback` | calls, seconds, and the longest; slowest first |
/// | `crampon_sessions`, `_subscriptions`, `_channels`, `_present`, `_timers` | | how many |
/// | `crampon_outbox_bytes`, `_history_bytes`, `_held_bytes` | | bytes held for viewers |
/// | `crampon_jobs` | `state` | deferred work that is `waiting` or `running` |
/// | `crampon_calls_waiting` | | posted to the loop from elsewhere |
/// | `crampon_draining` | | 1 once the server is about to end |
/// | `process_*` | | processor time, memory and descriptors of the process |
///
/// Callbacks are timed as long as [`slow_callback`](crate::Limits::slow_callback) is set.
///
/// They say nothing of who the viewers are, but what the application does: where the server is
/// open to everybody, have the proxy in front of it keep this path to itself.
#[derive(Clone, Debug, Default)]
pub struct Metrics(());

impl Metrics {
    /// The recipe for a route: `Routes::new().get("/metrics", Metrics::new)`.
    pub fn new() -> Self {
        Self(())
    }

    fn ask(&mut self, cx: &mut Context<Self>) -> Outcome {
        cx.measure_all(Self::answer);
        Ok(())
    }

    fn answer(&mut self, cx: &mut Context<Self>, measured: Measured) {
        let format = match accepts(cx.request().head(), "application/openmetrics-text") {
            true => Format::OpenMetrics,
            false => Format::Prometheus,
        };
        let mut text = Exposition::new(format);
        let surroundings = cx.desk.surroundings.clone();
        let figures = &surroundings.figures;
        tell_connections(&mut text, figures, &measured.gauges);
        tell_traffic(&mut text, figures);
        tell_loop(&mut text, figures, &measured);
        tell_holdings(&mut text, &measured.gauges);
        tell_process(&mut text, &Process::look());
        cx.set_header("content-type", format.content_type());
        cx.set_header("cache-control", "no-store");
        cx.render(text.end());
        cx.finish();
    }
}

// Who forgot an attribute is to be told of that, not that this is an action.
#[diagnostic::do_not_recommend]
impl Action for Metrics {
    const DECLARATION: Declaration =
        Declaration { name: "Metrics", transports: &[Transport::Regular], ..Declaration::DEFAULT };
}

#[diagnostic::do_not_recommend]
impl Callbacks for Metrics {
    const TABLE: Table<Self> = Table {
        on_start: &[Callback {
            name: "ask",
            place: Place { file: file!(), line: line!() },
            call: |metrics, cx| metrics.ask(cx),
        }],
        ..Table::EMPTY
    };
}

fn tell_connections(text: &mut Exposition, figures: &Figures, gauges: &Gauges) {
    let sessions = figures.sessions.by_name();
    let help = "Connections open now, by the action they are served by; none between requests.";
    let mut open = text.family(Gauge, "crampon_connections", help);
    let mut served = 0;
    for it in &sessions {
        open.sample(&[("action", it.action), ("transport", it.transport)], it.open);
        served += it.open;
    }
    let idle = (gauges.connections as u64).saturating_sub(served);
    open.sample(&[("action", "none"), ("transport", "none")], idle);

    let accepted = figures.accepted.count();
    text.single(Counter, "crampon_connections_accepted", "Connections accepted.", accepted);
    let help = "Connections found waiting to be accepted, the last time any were.";
    text.single(Gauge, "crampon_accept_queue", help, figures.accept_queue.get());
    let help = "The most connections ever found waiting to be accepted.";
    text.single(Gauge, "crampon_accept_queue_longest", help, figures.accept_queue_longest.get());

    let help = "Actions that have ended, by why; those refused never started.";
    let mut ended = text.family(Counter, "crampon_sessions_ended", help);
    for it in &sessions {
        for (reason, count) in &it.ended {
            let labels = [("action", it.action), ("transport", it.transport), ("reason", *reason)];
            ended.sample(&labels, count);
        }
    }
    let is_draining = u8::from(figures.is_draining());
    text.single(Gauge, "crampon_draining", "Whether the server is about to end.", is_draining);
}

fn tell_traffic(text: &mut Exposition, figures: &Figures) {
    let help = "Requests by the class of their answer, counted when it has ended.";
    let mut requests = text.family(Counter, "crampon_requests", help);
    for (class, name) in (1..).zip(["1xx", "2xx", "3xx", "4xx", "5xx"]) {
        requests.sample(&[("status", name)], figures.answers(class));
    }
    let said = figures.rendered.count() + figures.shared.count();
    let mut both = |name, help, arrived, left| {
        let mut family = text.family(Counter, name, help);
        family.sample(&[("direction", "in")], arrived);
        family.sample(&[("direction", "out")], left);
    };
    let help =
        "Messages and bodies that actions heard; events, messages and parts said to viewers.";
    both("crampon_messages", help, figures.messages_in.count(), said);
    let help = "Bytes read from connections, and taken by the system to be sent.";
    both("crampon_bytes", help, figures.bytes_in.count(), figures.bytes_out.count());
    let help = "Messages published on channels.";
    text.single(Counter, "crampon_publishes", help, figures.published.count());
    let help = "Messages of channels said to one subscriber each.";
    text.single(Counter, "crampon_deliveries", help, figures.delivered());
    let help =
        "Messages dropped for readers that take less than is said, by their channel's policy.";
    let mut drops = text.family(Counter, "crampon_drops", help);
    for by in Dropped::ALL {
        drops.sample(&[("policy", by.name())], figures.drops(by));
    }
    let help = "What was refused to clients, by why.";
    let mut refusals = text.family(Counter, "crampon_refusals", help);
    for why in Refused::ALL {
        refusals.sample(&[("reason", why.name())], figures.refusals(why));
    }
}

fn tell_loop(text: &mut Exposition, figures: &Figures, Measured { ticks, .. }: &Measured) {
    let help = "How long each tick held the loop, from the return of its wait to its own end: so \
                long at most whatever came meanwhile had to wait.";
    text.histogram("crampon_loop_tick_seconds", help, ticks);
    let longest = ticks.longest.as_secs_f64();
    let help = "How long the longest tick was.";
    text.single(Gauge, "crampon_loop_tick_longest_seconds", help, longest);

    let calls = figures.calls.slowest_first();
    let mut each = |kind, name, help, value: fn(&Timed) -> f64| {
        let mut family = text.family(kind, name, help);
        for it in &calls {
            family.sample(&[("action", it.action), ("callback", it.callback)], value(it));
        }
    };
    let help = "How often each callback was called.";
    each(Counter, "crampon_callback_calls", help, |it| it.calls as f64);
    let help = "How long each callback has held the loop in all; calls that come together are \
                timed together, with the writing that follows.";
    each(Counter, "crampon_callback_seconds", help, |it| it.total.as_secs_f64());
    let help = "How long calls of it that came together held the loop, at the most.";
    each(Gauge, "crampon_callback_longest_seconds", help, |it| it.longest.as_secs_f64());
}

fn tell_holdings(text: &mut Exposition, gauges: &Gauges) {
    let mut gauge = |name, help, value: usize| text.single(Gauge, name, help, value);
    gauge("crampon_sessions", "Actions and services that run.", gauges.sessions);
    let help = "Subscriptions of sessions to channels.";
    gauge("crampon_subscriptions", help, gauges.subscriptions);
    let help = "Channels somebody is subscribed to, or that keep a history.";
    gauge("crampon_channels", help, gauges.channels);
    gauge("crampon_present", "Who is present, on all channels together.", gauges.present);
    gauge("crampon_timers", "Timers armed on the loop.", gauges.timers);
    let help = "Bytes held by outboxes whose peers take nothing now.";
    gauge("crampon_outbox_bytes", help, gauges.outbox_bytes);
    let help = "Bytes that channels keep for those who come back.";
    gauge("crampon_history_bytes", help, gauges.history_bytes);
    let help = "Bytes held for viewers in all, as the memory budget counts them.";
    gauge("crampon_held_bytes", help, gauges.held_bytes);
    let help = "Calls posted to the loop from elsewhere and not made yet.";
    gauge("crampon_calls_waiting", help, gauges.calls_waiting);
    let help = "Deferred work that waits for a thread, or has one.";
    let mut jobs = text.family(Gauge, "crampon_jobs", help);
    jobs.sample(&[("state", "waiting")], gauges.jobs_waiting);
    jobs.sample(&[("state", "running")], gauges.jobs_running);
}

fn tell_process(text: &mut Exposition, process: &Process) {
    let help = "Processor time used by the process.";
    text.single(Counter, "process_cpu_seconds", help, process.busy.as_secs_f64());
    let mut gauge = |name, help, value: Option<u64>| {
        if let Some(value) = value {
            text.single(Gauge, name, help, value);
        }
    };
    let help = "Bytes of memory that are resident.";
    gauge("process_resident_memory_bytes", help, process.resident_bytes);
    gauge("process_open_fds", "File descriptors that are open.", process.files);
    gauge("process_max_fds", "File descriptors that may be open.", process.files_max);
}
