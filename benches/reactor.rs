//! What the loop itself costs: timers, calls from outside, and an event with its read and write.

use std::hint::black_box;
use std::io::{Read, Write};
use std::time::{Duration, Instant};

use crampon::reactor::{Handle, Handler, Interest, Reactor, Readiness, Scope, Stream, Timer};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

criterion_group!(benches, arm_and_cancel, expire_and_rearm, post, echo);
criterion_main!(benches);

/// Counts what it is called for.
#[derive(Default)]
struct Counter {
    count: u64,
}

impl Handler for Counter {
    fn ready(&mut self, _: Readiness, _: &mut Scope<'_>) {}

    fn expired(&mut self, _: Timer, key: u64, _: &mut Scope<'_>) {
        self.count += black_box(key);
    }
}

/// A simulated loop with `live` periodic timers, as many in every millisecond of a second.
fn with_timers(live: u32) -> (Reactor, Handle<Counter>) {
    let (mut reactor, _) = Reactor::simulated(0);
    let counter = reactor.add(|_| Ok(Counter::default())).expect("a counter needs nothing");
    for _ in 0..1_000 {
        reactor.advance(Duration::from_millis(1)).expect("it comes to rest");
        let armed = reactor.with(&counter, |_, scope| {
            for _ in 0..live / 1_000 {
                scope.every(Duration::from_secs(1), 1);
            }
        });
        armed.expect("the counter is there");
    }
    (reactor, counter)
}

/// A timer armed and cancelled among many, as for an answer that comes in time.
fn arm_and_cancel(bench: &mut Criterion) {
    let mut group = bench.benchmark_group("timers/arm_and_cancel");
    for live in [10_000, 100_000] {
        let (mut reactor, counter) = with_timers(live);
        group.bench_function(BenchmarkId::from_parameter(live), |bench| {
            bench.iter_custom(|rounds| {
                let timed = reactor.with(&counter, |_, scope| {
                    let start = Instant::now();
                    for _ in 0..rounds {
                        let timer = scope.after(black_box(Duration::from_secs(15)), 1);
                        assert!(scope.cancel(timer));
                    }
                    start.elapsed()
                });
                timed.expect("the counter is there")
            });
        });
    }
    group.finish();
}

/// One firing of a periodic timer, its handler called and itself armed again, among many.
///
/// A tick fires what is due in its millisecond: 10 timers of 10,000, or 100 of 100,000.
fn expire_and_rearm(bench: &mut Criterion) {
    let mut group = bench.benchmark_group("timers/expire_and_rearm");
    for live in [10_000, 100_000] {
        let (mut reactor, _) = with_timers(live);
        group.throughput(Throughput::Elements(u64::from(live)));
        group.bench_function(BenchmarkId::from_parameter(live), |bench| {
            bench.iter(|| reactor.advance(Duration::from_secs(1)).expect("it comes to rest"));
        });
    }
    group.finish();
}

/// A call posted and made: one wake of the selector, one tick.
fn post(bench: &mut Criterion) {
    let mut reactor = Reactor::new().expect("descriptors are left");
    let counter = reactor.add(|_| Ok(Counter::default())).expect("a counter needs nothing");
    bench.bench_function("calls/post_and_tick", |bench| {
        bench.iter(|| {
            counter.post(|counter, _| counter.count += 1).expect("it is there");
            reactor.turn(None).expect("the selector works")
        });
    });
}

/// Sends back what it reads.
struct Echo {
    stream: Stream,
    buffer: [u8; 4096],
}

impl Handler for Echo {
    fn ready(&mut self, event: Readiness, _: &mut Scope<'_>) {
        if event.readable {
            let len = self.stream.read(&mut self.buffer).expect("the event said so");
            self.stream.write_all(&self.buffer[..len]).expect("there is room");
        }
    }
}

/// A message of 125 bytes there and back over a Unix socket, one tick each.
fn echo(bench: &mut Criterion) {
    let mut reactor = Reactor::new().expect("descriptors are left");
    let (mut near, mut far) = Stream::pair().expect("descriptors are left");
    let echo = reactor.add(|scope| {
        scope.register(&mut near, 0, Interest::READABLE | Interest::WRITABLE)?;
        Ok(Echo { stream: near, buffer: [0; 4096] })
    });
    echo.expect("the stream is there");
    let mut buffer = [0; 4096];
    bench.bench_function("streams/echo_125_bytes", |bench| {
        bench.iter(|| {
            far.write_all(&[b'x'; 125]).expect("there is room");
            reactor.turn(None).expect("the selector works");
            // A writable edge alone may come first.
            while far.read(&mut buffer).is_err() {
                reactor.turn(None).expect("the selector works");
            }
        });
    });
}
