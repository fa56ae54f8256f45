//! Bodies: however they are cut they read the same, and what is written in chunks is read back.

use crampon::protocol::http::{
    BodyDecoder, BodyLength, Fault, Header, encode_chunk, encode_last_chunk,
};

use crate::pieces::{ends, split};
use crate::strict;

/// Claims it for the bytes after the first two: a length (0 for chunks) and how they are cut.
pub fn body(input: &[u8]) {
    let Some((&mode, input)) = input.split_first() else { return };
    let Some((step, bytes)) = split(input) else { return };
    let length = match mode {
        0 => BodyLength::Chunked,
        length => BodyLength::Length(u64::from(length)),
    };
    for bytes_max in [u64::MAX, 100] {
        let whole = read(bytes, [bytes.len()], length, bytes_max);
        let in_pieces = read(bytes, ends(bytes.len(), step), length, bytes_max);
        assert_eq!(in_pieces, whole, "pieces of {step} bytes");
        if length == BodyLength::Chunked {
            check_chunks(bytes, &whole, bytes_max);
        }
    }
    write_and_read(bytes, step);
}

/// The data, and how many bytes the body took; `None` where its end is not there.
type Read = (Vec<u8>, Result<Option<usize>, Fault>);

fn read(
    input: &[u8],
    ends: impl IntoIterator<Item = usize>,
    length: BodyLength,
    bytes_max: u64,
) -> Read {
    let (mut data, mut taken) = (Vec::new(), 0);
    let mut decoder = match BodyDecoder::new(length, bytes_max) {
        Ok(decoder) => decoder,
        Err(fault) => return (data, Err(fault)),
    };
    for end in ends {
        loop {
            let part = match decoder.decode(&input[taken..end]) {
                Ok(part) => part,
                Err(fault) => return (data, Err(fault)),
            };
            data.extend_from_slice(part.data);
            taken += part.consumed;
            assert!(part.data.len() <= part.consumed, "data comes from what is consumed");
            assert_eq!(part.is_done, decoder.is_done());
            if part.is_done {
                assert_eq!(decoder.finish(), Ok(()));
                return (data, Ok(Some(taken)));
            }
            if part.consumed == 0 {
                assert_eq!(taken, end, "nothing is left of a body that is not over");
                break;
            }
        }
        assert!(decoder.finish().is_err(), "a body that is not over was cut");
    }
    (data, Ok(None))
}

/// What is taken for chunks are chunks, and chunks are taken.
fn check_chunks(bytes: &[u8], (data, outcome): &Read, bytes_max: u64) {
    assert!(data.len() as u64 <= bytes_max, "no more than may be");
    let judged = strict::chunks(bytes);
    match (outcome, judged) {
        (Ok(Some(taken)), judged) => {
            let judged = judged.expect("what is taken is well-formed").expect("and complete");
            assert_eq!((data, taken), (&judged.0, &judged.1));
        }
        (Ok(None), Ok(Some(judged))) => panic!("chunks of {} bytes have no end", judged.1),
        (Ok(None) | Err(_), _) => {}
    }
}

/// Data that is written in chunks is the data that is read.
fn write_and_read(data: &[u8], step: usize) {
    let mut written = Vec::new();
    for chunk in data.chunks(step) {
        encode_chunk(&mut written, chunk);
    }
    let trailer = Header::new("x-digest", data).ok();
    encode_last_chunk(&mut written, trailer.filter(|_| step.is_multiple_of(2)));
    let judged = strict::chunks(&written).expect("what is written is legal").expect("and complete");
    assert_eq!((judged.0.as_slice(), judged.1), (data, written.len()));
    let fits = |bytes: &Vec<u8>| bytes.len() < 4096;
    let (read, outcome) = read(&written, ends(written.len(), step), BodyLength::Chunked, u64::MAX);
    if fits(&written) {
        assert_eq!((read.as_slice(), outcome), (data, Ok(Some(written.len()))));
    }
}
