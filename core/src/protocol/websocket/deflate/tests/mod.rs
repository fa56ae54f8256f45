//! Compression against the examples of the RFC, chance, and malice.

use super::super::{Deflated, Event, Fault, Role};
use super::*;

mod negotiation;

fn text(bytes: &[u8]) -> Deflated<'_> {
    Deflated { bytes, is_text: true, is_first: true, is_last: true }
}

#[test]
fn the_examples_of_the_rfc_are_read() {
    for payload in [
        // Section 7.2.3.1, a block of its own for the message; in fragments it is the same.
        &[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00][..],
        // Section 7.2.3.3, without compression.
        &[0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00],
        // Section 7.2.3.4, a last block.
        &[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00],
        // Section 7.2.3.5, two blocks.
        &[0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00],
    ] {
        let mut inflater = Inflater::new();
        let message = inflater.inflate(&text(payload), None, 100);
        assert_eq!(message, Ok(Event::Text("Hello")), "{payload:x?}");
    }
    // Section 7.2.3.6, an empty message.
    assert_eq!(Inflater::new().inflate(&text(&[0x00]), None, 100), Ok(Event::Text("")));
}

#[test]
fn the_example_of_the_rfc_with_a_context_taken_over_is_read() {
    // Section 7.2.3.2.
    let mut past = Past::new(WindowBits::MAX);
    let mut inflater = Inflater::new();
    for payload in
        [&[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00][..], &[0xf2, 0x00, 0x11, 0x00, 0x00]]
    {
        let message = inflater.inflate(&text(payload), Some(&mut past), 100);
        assert_eq!(message, Ok(Event::Text("Hello")), "{payload:x?}");
    }
}
