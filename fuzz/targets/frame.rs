//! Looks for an input that breaks [`crampon_claims::frame`].

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| crampon_claims::frame(input));
