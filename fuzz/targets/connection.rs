//! Looks for an input that breaks [`crampon_claims::connection`].

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| crampon_claims::connection(input));
