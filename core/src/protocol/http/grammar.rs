//! The classes of bytes HTTP is made of (RFC 9110, section 5.6; RFC 9112, section 3.2).

/// Whether the byte may stand in a token: `tchar`.
pub(super) const fn is_token(byte: u8) -> bool {
    matches!(
        byte,
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9'
            | b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+'
            | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~'
    )
}

/// Whether the text is a method or a header name: `token`.
pub(super) fn is_token_text(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|&byte| TOKENS[usize::from(byte)])
}

/// The bytes of tokens, as a table.
static TOKENS: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = is_token(byte as u8);
        byte += 1;
    }
    table
};

/// Whether the byte may stand in a header's value: visible, blank or beyond ASCII.
pub(super) const fn is_field_byte(byte: u8) -> bool {
    byte == b'\t' || !byte.is_ascii_control()
}

/// Whether the byte may stand in a request's target: visible ASCII.
///
/// Browsers send a few characters here that a URI has no room for (`|`, `{`), so those pass. `#`
/// does not: a fragment never leaves the client.
pub(super) const fn is_target_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && byte != b'#'
}

/// Bytes of an escape.
pub(super) const ESCAPE_BYTES: usize = 3;

/// Whether the text begins with an escape: `%` and two digits (RFC 3986, section 2.1).
pub(super) fn is_escape(text: &[u8]) -> bool {
    matches!(text, [b'%', high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit())
}

/// The elements of a comma list, blanks trimmed; empty ones are kept.
pub(super) fn elements(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    list.split(|&byte| byte == b',').map(<[u8]>::trim_ascii)
}
