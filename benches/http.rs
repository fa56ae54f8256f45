//! What the HTTP/1.1 codecs cost: heads in, chunks in, heads out.

use std::hint::black_box;
use std::time::SystemTime;

use crampon::protocol::http::{
    BodyDecoder, BodyLength, Connection, Date, Framing, HeadLimits, Header, RequestHeads,
    StatusCode, Version, encode_chunk, encode_last_chunk, encode_response_head,
};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const CONTENT_TYPE: Header<'static> = Header::of("content-type", "text/plain; charset=utf-8");
const SERVER: Header<'static> = Header::of("server", "crampon");

const SMALL: &[u8] = b"GET /plaintext HTTP/1.1\r\nHost: a.org\r\n\r\n";

const BROWSER: &[u8] = b"GET /live?since=7 HTTP/1.1\r\n\
    Host: www.example.org:8080\r\n\
    Connection: keep-alive\r\n\
    Cache-Control: max-age=0\r\n\
    User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
    Safari/537.36\r\n\
    Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8\r\n\
    Accept-Encoding: gzip, deflate, br\r\n\
    Accept-Language: en-US,en;q=0.5\r\n\
    Referer: http://www.example.org:8080/\r\n\
    Cookie: session=0123456789abcdef0123456789abcdef; theme=dark; seen=1\r\n\
    \r\n";

fn request_heads(criterion: &mut Criterion) {
    let limits = HeadLimits::default();
    let mut group = criterion.benchmark_group("http/request head");
    for (name, input) in [("small", SMALL), ("browser", BROWSER)] {
        group.throughput(Throughput::Bytes(input.len() as u64));
        group.bench_function(name, |bench| {
            let mut heads = RequestHeads::new();
            bench.iter(|| heads.decode(black_box(input), &limits));
        });
    }
    let (head, _) = RequestHeads::new().decode(BROWSER, &limits).unwrap().unwrap();
    group.bench_function("look up an absent header", |bench| {
        bench.iter(|| black_box(&head).header("last-event-id").is_some());
    });
    group.finish();
}

fn chunks(criterion: &mut Criterion) {
    let mut body = Vec::new();
    for _ in 0..16 {
        encode_chunk(&mut body, &[b'a'; 1024]);
    }
    encode_last_chunk(&mut body, None::<Header<'_>>);
    let mut group = criterion.benchmark_group("http/body");
    group.throughput(Throughput::Bytes(body.len() as u64));
    group.bench_function("16 chunks of 1 KiB", |bench| {
        bench.iter(|| {
            let mut decoder = BodyDecoder::new(BodyLength::Chunked, u64::MAX).unwrap();
            let (mut at, mut got) = (0, 0);
            while !decoder.is_done() {
                let part = decoder.decode(black_box(&body[at..])).unwrap();
                at += part.consumed;
                got += part.data.len();
            }
            got
        });
    });
    group.finish();
}

fn response_heads(criterion: &mut Criterion) {
    let date = Date::at(SystemTime::now());
    let mut out = Vec::with_capacity(1024);
    criterion.bench_function("http/response head", |bench| {
        bench.iter(|| {
            out.clear();
            encode_response_head(
                &mut out,
                black_box(StatusCode::OK),
                black_box([CONTENT_TYPE, SERVER]),
                Framing::Length(13),
                Connection::KeepAlive,
                Version::Http11,
                Some(&date),
            );
            out.len()
        });
    });
}

criterion_group!(benches, request_heads, chunks, response_heads);
criterion_main!(benches);
