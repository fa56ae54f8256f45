//! What a WebSocket message costs: a masked frame decoded, a frame encoded, text validated.

use std::hint::black_box;

use crampon::protocol::websocket::{
    Decoder, Opcode, Role, begin_message, encode_message, end_message, masked,
};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
const MESSAGE_BYTES_MAX: usize = 1 << 20;
const LENGTHS: [usize; 2] = [125, 16 * 1024];

fn decode(c: &mut Criterion) {
    let mut group = c.benchmark_group("websocket decode");
    for length in LENGTHS {
        for (name, character, opcode) in [
            ("binary", "x", Opcode::Binary),
            ("ascii", "x", Opcode::Text),
            ("greek", "ψ", Opcode::Text),
        ] {
            let payload = character.repeat(length / character.len());
            let mut frame = Vec::new();
            masked::encode_frame(&mut frame, KEY, opcode, true, payload.as_bytes());
            group.throughput(Throughput::Bytes(length as u64));
            group.bench_function(format!("{name} {length}"), |b| {
                let mut decoder = Decoder::new(Role::Server, MESSAGE_BYTES_MAX);
                b.iter_batched_ref(
                    || frame.clone(),
                    |frame| decoder.decode(frame).map(|decoded| black_box(decoded).consumed),
                    BatchSize::SmallInput,
                );
            });
        }
    }
    group.finish();
}

fn encode(c: &mut Criterion) {
    let mut group = c.benchmark_group("websocket encode");
    for length in LENGTHS {
        let payload = vec![b'x'; length];
        let mut out = Vec::new();
        group.throughput(Throughput::Bytes(length as u64));
        group.bench_function(format!("whole {length}"), |b| {
            b.iter(|| {
                out.clear();
                encode_message(&mut out, true, black_box(&payload));
            });
        });
        group.bench_function(format!("in place {length}"), |b| {
            b.iter(|| {
                out.clear();
                let mark = begin_message(&mut out);
                out.extend_from_slice(black_box(&payload));
                end_message(&mut out, mark, true);
            });
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = decode, encode
}
criterion_main!(benches);
