//! Looks for an input that breaks [`crampon_claims::deflate`].

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| crampon_claims::deflate(input));
