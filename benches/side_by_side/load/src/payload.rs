//! What messages say.

/// Text of so many bytes, in ASCII and without line breaks.
pub fn text(bytes: usize) -> Vec<u8> {
    b"The quick brown fox jumps over the lazy dog. ".iter().copied().cycle().take(bytes).collect()
}

/// JSON of so many bytes, as an application sends it: the same keys again and again, other values.
pub fn json(bytes: usize) -> Vec<u8> {
    let mut json = b"[".to_vec();
    let mut seed = 1_u64;
    while json.len() < bytes {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let (id, cents, name) =
            (seed >> 40, (seed >> 20) % 100_000, NAMES[(seed >> 33) as usize % 8]);
        json.extend_from_slice(
            format!(r#"{{"id":{id},"symbol":"{name}","price":{cents},"open":true}},"#).as_bytes(),
        );
    }
    json.truncate(bytes - 1);
    json.push(b']');
    json
}

const NAMES: [&str; 8] = ["ALFA", "BRVO", "CHRL", "DLTA", "ECHO", "FXTR", "GOLF", "HOTL"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_have_the_length_asked_for_and_one_line() {
        for bytes in [16, 125, 1024, 16_384] {
            for payload in [text(bytes), json(bytes)] {
                assert_eq!(payload.len(), bytes);
                assert!(payload.iter().all(|byte| (b' '..=b'~').contains(byte)));
            }
        }
    }
}
