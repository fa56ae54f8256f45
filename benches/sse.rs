//! What a server-sent event costs: encoded whole, and written in place.

use std::hint::black_box;
use std::time::Duration;

use crampon::protocol::sse::{Fields, begin_event, encode, end_event};
use criterion::{Criterion, criterion_group, criterion_main};

fn events(c: &mut Criterion) {
    let mut group = c.benchmark_group("sse encode");
    let mut out = Vec::new();
    for (name, data) in [
        ("125 bytes", "x".repeat(125)),
        ("16 KiB", "x".repeat(16 * 1024)),
        ("16 KiB in 256 lines", format!("{}\n", "x".repeat(63)).repeat(256)),
    ] {
        let retry = Some(Duration::from_secs(2));
        let fields = Fields { id: Some("4711"), event: Some("tick"), retry, data: Some(&data) };
        group.bench_function(format!("whole, {name}"), |b| {
            b.iter(|| {
                out.clear();
                encode(&mut out, black_box(&fields))
            });
        });
        group.bench_function(format!("in place, {name}"), |b| {
            b.iter(|| {
                out.clear();
                let mark = begin_event(&mut out, fields.id, fields.event, fields.retry)?;
                out.extend_from_slice(black_box(data.as_bytes()));
                end_event(&mut out, mark);
                Ok::<_, crampon::protocol::sse::Fault>(())
            });
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = events
}
criterion_main!(benches);
