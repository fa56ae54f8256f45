//! What the codecs promise together: whatever the cut, whatever the bytes, whichever the role.

mod chunks;
mod request_heads;
mod response_heads;
mod rooms;
mod round_trips;
mod second_opinion;

use super::{BodyDecoder, BodyLength, Fault, HeadLimits, RequestHead, RequestHeads};

/// What becomes of a request head that arrives in pieces which end at these places.
fn request_in_pieces(
    input: &[u8],
    ends: impl IntoIterator<Item = usize>,
    limits: &HeadLimits,
) -> Result<Option<(RequestHead, usize)>, Fault> {
    let mut heads = RequestHeads::new();
    for end in ends {
        let outcome = heads.decode(&input[..end], limits);
        if outcome != Ok(None) {
            return outcome;
        }
    }
    heads.decode(input, limits)
}

/// Decodes a request head that arrives at once, then cut at every place, then byte by byte, and
/// holds that all come to the same.
fn request(input: &[u8], limits: &HeadLimits) -> Result<Option<(RequestHead, usize)>, Fault> {
    let outcome = request_in_pieces(input, [], limits);
    for cut in 0..input.len() {
        let in_two = request_in_pieces(input, [cut], limits);
        assert_eq!(in_two, outcome, "{:?} cut at {cut}", input.escape_ascii().to_string());
    }
    let in_bytes = request_in_pieces(input, 0..=input.len(), limits);
    assert_eq!(in_bytes, outcome, "{:?} byte by byte", input.escape_ascii().to_string());
    outcome
}

/// The data of a body in pieces that end at these places, and the bytes it took or why it failed.
fn body_in_pieces(
    input: &[u8],
    ends: impl IntoIterator<Item = usize>,
    length: BodyLength,
    body_bytes_max: u64,
) -> (Vec<u8>, Result<usize, Fault>) {
    let mut data = Vec::new();
    let mut taken = 0;
    let mut decoder = match BodyDecoder::new(length, body_bytes_max) {
        Ok(decoder) => decoder,
        Err(fault) => return (data, Err(fault)),
    };
    for end in ends.into_iter().chain([input.len()]) {
        loop {
            let part = match decoder.decode(&input[taken..end]) {
                Ok(part) => part,
                Err(fault) => return (data, Err(fault)),
            };
            data.extend_from_slice(part.data);
            taken += part.consumed;
            assert_eq!(part.is_done, decoder.is_done());
            if part.consumed == 0 {
                break;
            }
        }
    }
    (data, decoder.finish().map(|()| taken))
}
