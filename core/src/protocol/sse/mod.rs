//! Server-Sent Events in both roles (WHATWG HTML, section 9.2): the event stream, written and read.
//!
//! Nothing here knows HTTP or a clock: the head that carries the stream, and the wait before a
//! client reconnects, belong to others.

mod decoder;
mod encoder;
mod fault;

pub use decoder::{Decoder, Event, Item};
pub use encoder::{
    Fields, Mark, abandon_event, begin_event, check_fields, encode, encode_comment, end_event,
};
pub use fault::Fault;

/// Where the first line of `text` ends, if it is not the last.
fn line_end(text: &[u8]) -> Option<usize> {
    /// Bytes looked at together, without a branch for each.
    const STRIDE: usize = 32;
    let is_break = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let has_break = |stride: &[u8; STRIDE]| stride.iter().fold(false, |any, it| any | is_break(it));
    let strides = text.as_chunks::<STRIDE>().0;
    let before = STRIDE * strides.iter().take_while(|stride| !has_break(stride)).count();
    text[before..].iter().position(is_break).map(|at| before + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_are_found_at_every_place() {
        for at in 0..100 {
            let mut text = [b'x'; 100];
            text[at] = b'\r';
            assert_eq!(line_end(&text), Some(at));
            assert_eq!(line_end(&text[..at]), None);
        }
    }
}
