//! Looks for an input that breaks [`crampon_claims::sse`].

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| crampon_claims::sse(input));
