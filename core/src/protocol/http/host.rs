//! Hosts, with an optional port, as `Host` and an absolute target name them (RFC 3986, section
//! 3.2).

use super::grammar::{ESCAPE_BYTES, is_escape};

/// Digits of the largest port.
const PORT_DIGITS_MAX: usize = 5;

/// Whether this is a name, an IPv4 address or a bracketed IPv6 one, and then perhaps a port.
///
/// An empty name is one too: it says that the target has no authority.
pub(super) fn is_host(text: &[u8]) -> bool {
    let (is_named_well, rest) = match text.strip_prefix(b"[") {
        Some(literal) => {
            let Some(end) = literal.iter().position(|&byte| byte == b']') else { return false };
            (is_literal(&literal[..end]), &literal[end + 1..])
        }
        None => (true, &text[name_bytes(text)..]),
    };
    is_named_well && (rest.is_empty() || is_port(rest))
}

/// How far all may stand in a name, a percent sign only where it begins an escape.
fn name_bytes(text: &[u8]) -> usize {
    let mut passed = 0;
    loop {
        let ends = |&byte: &u8| !NAME_BYTES[usize::from(byte)];
        let rest = &text[passed..];
        let Some(at) = rest.iter().position(ends) else { return text.len() };
        passed += at;
        if !is_escape(&rest[at..]) {
            return passed;
        }
        passed += ESCAPE_BYTES;
    }
}

/// The bytes that stand for themselves in a name, as a table: every request has a host to look at.
const NAME_BYTES: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = matches!(
            byte as u8,
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9'
                | b'-' | b'.' | b'_' | b'~'
                | b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'='
        );
        byte += 1;
    }
    table
};

fn is_literal(address: &[u8]) -> bool {
    !address.is_empty()
        && address.iter().all(|&byte| byte.is_ascii_hexdigit() || byte == b':' || byte == b'.')
}

fn is_port(rest: &[u8]) -> bool {
    rest.strip_prefix(b":")
        .is_some_and(|port| port.len() <= PORT_DIGITS_MAX && port.iter().all(u8::is_ascii_digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_names_and_addresses_with_an_optional_port() {
        for host in [
            "",
            "a",
            "a.example",
            "A:80",
            "a:",
            "127.0.0.1:3000",
            "[::1]",
            "[::1]:80",
            "a_b",
            "%41",
        ] {
            assert!(is_host(host.as_bytes()), "{host}");
        }
        for other in [
            "a b", "a,b c", "a/b", "a@b", "a:b", "a:80:80", "a:-1", "a:123456", "[::1", "::1",
            "[]", "[g]", "[::1]x", "[::1]:x", "a\t", "h\u{e9}", "a?b", "a#b", "a\\b", "\"a\"",
            "a%", "a%4", "a%4g", "a%zz",
        ] {
            assert!(!is_host(other.as_bytes()), "{other}");
        }
    }
}
