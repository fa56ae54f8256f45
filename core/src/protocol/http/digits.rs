//! Numbers as HTTP writes them, put straight into the output.

/// Digits of the largest `u64`, in decimal.
const DECIMAL_DIGITS_MAX: usize = 20;
/// Digits of the largest `u64`, in hexadecimal.
const HEX_DIGITS_MAX: usize = 16;

/// Appends a number in decimal.
pub(super) fn push_decimal(out: &mut Vec<u8>, number: u64) {
    push_digits::<10, DECIMAL_DIGITS_MAX>(out, number);
}

/// Appends a number in decimal, and what ends its line.
#[inline]
pub(crate) fn push_decimal_line(out: &mut Vec<u8>, number: u64) {
    let mut line = *b"00000000000000000000\r\n";
    let first = write_digits::<10>(&mut line[..DECIMAL_DIGITS_MAX], number);
    out.extend_from_slice(&line[first..]);
}

/// Appends a number in hexadecimal.
pub(super) fn push_hex(out: &mut Vec<u8>, number: u64) {
    push_digits::<16, HEX_DIGITS_MAX>(out, number);
}

fn push_digits<const RADIX: u64, const DIGITS_MAX: usize>(out: &mut Vec<u8>, number: u64) {
    let mut digits = [0; DIGITS_MAX];
    let first = write_digits::<RADIX>(&mut digits, number);
    out.extend_from_slice(&digits[first..]);
}

/// Writes a number so that it ends where `digits` do, and says where it begins.
#[inline]
fn write_digits<const RADIX: u64>(digits: &mut [u8], mut number: u64) -> usize {
    let mut first = digits.len();
    loop {
        first -= 1;
        digits[first] = b"0123456789abcdef"[(number % RADIX) as usize];
        number /= RADIX;
        if number == 0 {
            return first;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_standard_library_writes_them() {
        for number in [0, 1, 9, 10, 15, 16, 255, 256, 65_535, u64::MAX] {
            let mut out = Vec::new();
            push_decimal(&mut out, number);
            out.push(b' ');
            push_hex(&mut out, number);
            push_decimal_line(&mut out, number);
            assert_eq!(out, format!("{number} {number:x}{number}\r\n").into_bytes());
        }
    }
}
