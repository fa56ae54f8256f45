//! Messages that are made to harm: bombs, streams that are none, streams without end.

use flate2::{Compress, Compression, FlushCompress};

use super::*;

/// A raw stream of these bytes, ended as a sender does that cannot flush.
fn last_block(bytes: &[u8], past: &[u8]) -> Vec<u8> {
    let mut zlib = Compress::new_with_window_bits(Compression::default(), false, 15);
    if !past.is_empty() {
        zlib.set_dictionary(past).expect("it has not begun");
    }
    let mut out = Vec::with_capacity(bytes.len() + 100);
    zlib.compress_vec(bytes, &mut out, FlushCompress::Finish).expect("it takes any bytes");
    out
}

/// So many zeros, compressed.
fn zeros(count: usize) -> Vec<u8> {
    let mut zlib = Compress::new_with_window_bits(Compression::default(), false, 15);
    let megabyte = vec![0; 1 << 20];
    let mut out = Vec::with_capacity(count / 900 + 100);
    for _ in 0..count >> 20 {
        zlib.compress_vec(&megabyte, &mut out, FlushCompress::None).expect("it takes any bytes");
    }
    zlib.compress_vec(&[], &mut out, FlushCompress::Sync).expect("it takes any bytes");
    out.truncate(out.len() - TAIL.len());
    out
}

fn part(bytes: &[u8], is_last: bool) -> Deflated<'_> {
    Deflated { bytes, is_text: false, is_first: true, is_last }
}

#[test]
fn a_bomb_is_refused_for_what_it_inflates_to() {
    let bomb = zeros(1 << 30);
    assert!((1_000_000..=1 << 20).contains(&bomb.len()), "{} bytes for a gibibyte", bomb.len());
    let mut inflater = Inflater::new();
    let fault = Fault::InflatesTooLong { max: 1 << 20 };
    assert_eq!(inflater.inflate(&part(&bomb, true), None, 1 << 20), Err(fault));
    assert_eq!(fault.close_code(), 1009);
    let held = inflater.bytes_held();
    assert!(held <= (1 << 20) + 1, "{held} bytes were taken for a message of at most 1 MiB");
    let hello = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    assert_eq!(inflater.inflate(&text(&hello), None, 5), Ok(Event::Text("Hello")), "it goes on");
    assert!(inflater.bytes_held() <= 1 << 18, "the place of the bomb is freed");
}

#[test]
fn a_bomb_heard_part_by_part_is_refused_at_the_limit() {
    let bomb = zeros(1 << 28);
    let mut inflation = Inflation::new(Past::new(WindowBits::MAX), false, 100_000);
    inflation.feed(&bomb, true);
    let mut heard = 0;
    let fault = loop {
        match inflation.part() {
            Ok(Some(Event::Part { bytes, .. })) => heard += bytes.len(),
            Ok(other) => panic!("{other:?} after {heard} bytes"),
            Err(fault) => break fault,
        }
    };
    assert_eq!(fault, Fault::InflatesTooLong { max: 100_000 });
    assert!(heard <= 100_000, "{heard} bytes were handed out");
}

#[test]
fn a_message_of_just_the_limit_is_taken() {
    let mut deflater = Deflater::anew(WindowBits::MAX);
    for length in [1, 999, 1000, 16_383, 16_384, 16_385, 70_000] {
        let payload = vec![b'x'; length];
        let mut frame = Vec::new();
        deflater.encode_message(&mut frame, false, &payload);
        let sent = |max| {
            let decoder = Decoder::new(Role::Client, max).deflating();
            heard(decoder, &frame, &[]).map(|heard| heard.len())
        };
        assert_eq!(sent(length), Ok(1), "{length} bytes");
        let fault = sent(length - 1).expect_err("it is one too long");
        assert_eq!(fault.close_code(), 1009, "{length} bytes: {fault}");
    }
}

#[test]
fn incompressible_bytes_of_just_the_limit_are_taken() {
    let noise = noise(70_000);
    for length in [1, 100, 1000, 70_000] {
        // One that has a context goes compressed, though it is longer.
        let direction = Direction { takes_over: true, window_bits: WindowBits::MIN };
        let mut frame = Vec::new();
        Deflater::new(direction).encode_message(&mut frame, false, &noise[..length]);
        assert!(frame.len() > length, "{length} bytes cannot be compressed");
        let decoder = Decoder::new(Role::Client, length).deflating();
        assert_eq!(heard(decoder, &frame, &[]).map(|heard| heard.len()), Ok(1), "{length} bytes");
    }
}

#[test]
fn what_is_announced_beyond_all_compression_is_refused_at_its_header() {
    let decoder = Decoder::new(Role::Server, 1000).deflating();
    let fault = heard(decoder, &[0xc2, 0xfe, 0x10, 0x00, 0, 0, 0, 0], &[]);
    assert_eq!(fault, Err(Fault::MessageTooLong { bytes: 4096, max: 1204 }));
}

#[test]
fn what_is_no_deflate_is_refused() {
    let hello = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    let mut messages = vec![
        vec![0x07],                         // a block of a kind that is none
        vec![0x00, 0x05, 0x00, 0x00, 0x00], // a stored block whose lengths differ
        vec![0xff; 20],
        vec![0xf2, 0x00, 0x11, 0x00, 0x00], // points before the beginning
        [&hello[..], &[0x00, 0x00, 0xff]].concat(), // half a flush
        last_block(b"Hello", b""),          // the end of a stream and no padding
    ];
    messages.extend((0..hello.len()).map(|cut| hello[..cut].to_vec()));
    for payload in messages {
        let mut inflater = Inflater::new();
        let inflated = inflater.inflate(&part(&payload, true), None, 1000);
        assert_eq!(inflated, Err(Fault::Deflate), "{payload:x?}");
        let mut inflation = Inflation::new(Past::new(WindowBits::MAX), false, 1000);
        inflation.feed(&payload, true);
        let fault = loop {
            match inflation.part() {
                Ok(Some(Event::Part { is_last: false, .. })) => {}
                other => break other,
            }
        };
        assert_eq!(fault, Err(Fault::Deflate), "{payload:x?}, part by part");
    }
    assert_eq!(Fault::Deflate.close_code(), 1007);
}

#[test]
fn text_is_judged_when_it_is_inflated() {
    for (payload, at) in [(&b"ab\xff"[..], 2), (b"\xed\xa0\x80", 0), (b"abc\xe2\x82", 3)] {
        let sent = [&last_block(payload, b""), &[0x00][..]].concat();
        let mut inflater = Inflater::new();
        assert_eq!(inflater.inflate(&text(&sent), None, 100), Err(Fault::Utf8 { at }));
        let mut inflation = Inflation::new(Past::new(WindowBits::MAX), true, 100);
        inflation.feed(&sent, true);
        assert_eq!(inflation.part(), Err(Fault::Utf8 { at }), "part by part");
    }
}

#[test]
fn a_stream_may_end_inside_a_message_and_the_window_goes_on() {
    let (first, second) = ("all that was said so far ", "all that was said so far, and more");
    let sent = [
        last_block(first.as_bytes(), b""),
        last_block(second.as_bytes(), first.as_bytes()),
        vec![0x00],
    ]
    .concat();
    let mut inflater = Inflater::new();
    let said = format!("{first}{second}");
    assert_eq!(inflater.inflate(&text(&sent), None, 100), Ok(Event::Text(&said)));
    let mut past = Past::new(WindowBits::MAX);
    past.extend(first.as_bytes());
    let again = [last_block(second.as_bytes(), first.as_bytes()), vec![0x00]].concat();
    let inflated = inflater.inflate(&text(&again), Some(&mut past), 100);
    assert_eq!(inflated, Ok(Event::Text(second)), "it goes on from one message to the next");
}

#[test]
fn a_message_of_thousands_of_streams_is_none() {
    let empty = last_block(b"", b"");
    for (count, is_taken) in [(200, true), (256, false), (100_000, false)] {
        let sent = [empty.repeat(count), vec![0x00]].concat();
        let mut inflater = Inflater::new();
        let inflated = inflater.inflate(&part(&sent, true), None, 100);
        assert_eq!(inflated.is_ok(), is_taken, "{count} streams");
    }
}
