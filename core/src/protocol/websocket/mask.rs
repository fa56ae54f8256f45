//! Masking (RFC 6455, section 5.3): an exclusive or with four bytes, its own inverse.

/// Bytes handled at once: a multiple of the key that the compiler turns into vector instructions.
const STRIDE: usize = 64;

/// Masks or unmasks `bytes` in place, `key[0]` on the first of them.
pub(super) fn apply(key: [u8; 4], bytes: &mut [u8]) {
    let mut keys = [0; STRIDE];
    for four in keys.as_chunks_mut::<4>().0 {
        *four = key;
    }
    let rest = apply_by::<STRIDE>(&keys, bytes);
    let rest = apply_by::<32>(&keys, rest);
    let rest = apply_by::<16>(&keys, rest);
    let rest = apply_by::<8>(&keys, rest);
    let rest = apply_by::<4>(&keys, rest);
    rest.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
}

/// Masks as many times `N` bytes as there are, and returns what is left after them.
#[inline]
fn apply_by<'b, const N: usize>(keys: &[u8; STRIDE], bytes: &'b mut [u8]) -> &'b mut [u8] {
    let (chunks, rest) = bytes.as_chunks_mut::<N>();
    for chunk in chunks {
        for (byte, key) in chunk.iter_mut().zip(keys) {
            *byte ^= key;
        }
    }
    rest
}

/// The key for what follows `bytes` already masked with `key`.
pub(super) fn after(mut key: [u8; 4], bytes: usize) -> [u8; 4] {
    key.rotate_left(bytes % 4);
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

    #[test]
    fn every_length_is_masked_as_byte_by_byte() {
        for length in 0..200 {
            let plain: Vec<u8> = (0..length).collect();
            let mut masked = plain.clone();
            apply(KEY, &mut masked);
            for (at, (masked, plain)) in masked.iter().zip(&plain).enumerate() {
                assert_eq!(*masked, plain ^ KEY[at % 4], "byte {at} of {length}");
            }
        }
    }

    #[test]
    fn a_payload_cut_anywhere_is_masked_the_same() {
        let mut whole = [7; 100];
        apply(KEY, &mut whole);
        for cut in 0..=100 {
            let mut halves = [7; 100];
            let (front, back) = halves.split_at_mut(cut);
            apply(KEY, front);
            apply(after(KEY, cut), back);
            assert_eq!(halves, whole, "cut at {cut}");
        }
    }
}
