//! The client's side of the upgrade (RFC 6455, section 4.1).

use base64::Engine as _;

use super::{
    BASE64, MalformedExtensions, NONCE_BYTES, VERSION, accept_key, put_header, read_extensions,
    shown,
};
use crate::protocol::http::{Header, push_header, push_target};
use crate::protocol::websocket::deflate::{Agreement, NAME, Offer, ParameterFault};

/// Spells the key of a request; `nonce` must be random, new for every connection.
pub fn request_key(nonce: [u8; NONCE_BYTES]) -> [u8; 24] {
    let mut key = [0; 24];
    BASE64.encode_slice(nonce, &mut key).expect("16 bytes are 24 characters of base64");
    key
}

/// Appends a request for a WebSocket.
///
/// `headers` are `Origin`, cookies and the like; subprotocols come in order of preference. What a
/// target may not hold is percent-encoded; control bytes in the host and the names of subprotocols
/// become spaces.
pub fn encode_upgrade_request<'h>(
    out: &mut Vec<u8>,
    host: &str,
    target: &str,
    key: &[u8; 24],
    subprotocols: &[&str],
    deflate: Option<&Offer>,
    headers: impl IntoIterator<Item = Header<'h>>,
) {
    out.extend_from_slice(b"GET ");
    push_target(out, target);
    out.extend_from_slice(b" HTTP/1.1\r\n");
    put_header(out, "Host", host.as_bytes());
    put_header(out, "Upgrade", b"websocket");
    put_header(out, "Connection", b"Upgrade");
    put_header(out, "Sec-WebSocket-Version", VERSION.as_bytes());
    put_header(out, "Sec-WebSocket-Key", key);
    if !subprotocols.is_empty() {
        put_header(out, "Sec-WebSocket-Protocol", subprotocols.join(", ").as_bytes());
    }
    if let Some(offer) = deflate {
        let mut extension = Vec::new();
        offer.write(&mut extension);
        put_header(out, "Sec-WebSocket-Extensions", &extension);
    }
    for header in headers {
        push_header(out, header);
    }
    out.extend_from_slice(b"\r\n");
}

/// Why the answer of a server opens no WebSocket.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Mismatch {
    /// It does not switch protocols.
    #[error("server answered with status `{status}`; expected 101")]
    Status {
        /// The status it answered with.
        status: u16,
    },
    /// A header is not what it has to be.
    #[error("header `{name}` is `{seen}`; expected `{expected}`")]
    Header {
        /// Which header.
        name: &'static str,
        /// Its value; empty if it is missing.
        seen: String,
        /// What it has to be.
        expected: String,
    },
    /// It chose a subprotocol that it was not offered.
    #[error("server chose the subprotocol `{seen}`, which was not offered")]
    Subprotocol {
        /// The subprotocol.
        seen: String,
    },
    /// It uses an extension that was not offered, or one twice.
    #[error("server uses the extension `{seen}`, which was not offered, or not so often")]
    Extension {
        /// The name of the extension.
        seen: String,
    },
    /// Its list of extensions is none.
    #[error(transparent)]
    MalformedExtensions(#[from] MalformedExtensions),
    /// It answers an offer of compression as none can be answered.
    #[error(transparent)]
    Deflate(#[from] ParameterFault),
}

/// What a server chose of what it was offered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Switched<'s> {
    /// The subprotocol.
    pub subprotocol: Option<&'s str>,
    /// How messages are compressed.
    pub deflate: Option<Agreement>,
}

/// Checks that the server agreed to a WebSocket; returns what it chose.
///
/// `header` finds the first value of a header, ignoring the case of names; `key`, `subprotocols`
/// and `deflate` are those of the request.
///
/// # Errors
/// A [`Mismatch`], upon which the connection must be closed.
pub fn check_switching_protocols<'h, 's>(
    status: u16,
    header: impl Fn(&str) -> Option<&'h [u8]>,
    key: &[u8; 24],
    subprotocols: &[&'s str],
    deflate: Option<&Offer>,
) -> Result<Switched<'s>, Mismatch> {
    if status != 101 {
        return Err(Mismatch::Status { status });
    }
    let expect = |name, expected: &[u8], is_right: fn(&[u8], &[u8]) -> bool| {
        let seen = header(name).unwrap_or_default();
        if is_right(seen, expected) {
            return Ok(());
        }
        Err(Mismatch::Header { name, seen: shown(seen), expected: shown(expected) })
    };
    expect("upgrade", b"websocket", <[u8]>::eq_ignore_ascii_case)?;
    expect("connection", b"upgrade", has_token)?;
    expect("sec-websocket-accept", &accept_key(key), |seen, expected| seen == expected)?;
    let deflate = check_extensions(header("sec-websocket-extensions"), deflate)?;
    let Some(chosen) = header("sec-websocket-protocol") else {
        return Ok(Switched { subprotocol: None, deflate });
    };
    match subprotocols.iter().find(|name| name.as_bytes() == chosen) {
        Some(name) => Ok(Switched { subprotocol: Some(name), deflate }),
        None => Err(Mismatch::Subprotocol { seen: shown(chosen) }),
    }
}

fn check_extensions(
    list: Option<&[u8]>,
    offer: Option<&Offer>,
) -> Result<Option<Agreement>, Mismatch> {
    let mut agreed = None;
    for extension in read_extensions(list)? {
        match offer.filter(|_| extension.name == NAME && agreed.is_none()) {
            Some(offer) => agreed = Some(Agreement::read(&extension, offer)?),
            None => return Err(Mismatch::Extension { seen: extension.name.to_owned() }),
        }
    }
    Ok(agreed)
}

fn has_token(list: &[u8], token: &[u8]) -> bool {
    list.split(|byte| *byte == b',').any(|it| it.trim_ascii().eq_ignore_ascii_case(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &[u8; 24] = b"dGhlIHNhbXBsZSBub25jZQ==";
    const GOOD: [(&str, &str); 3] = [
        ("upgrade", "WebSocket"),
        ("connection", "upgrade"),
        ("sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
    ];

    fn check(status: u16, more: &[(&str, &'static str)]) -> Result<Switched<'static>, Mismatch> {
        let header = |name: &str| {
            let found = more.iter().chain(&GOOD).find(|header| header.0 == name);
            found.map(|header| header.1.as_bytes())
        };
        check_switching_protocols(status, header, KEY, &["chat", "soap"], Some(&Offer::default()))
    }

    #[test]
    fn the_nonce_of_the_rfc_is_its_key() {
        assert_eq!(request_key(*b"the sample nonce"), *KEY);
    }

    #[test]
    fn the_request_has_what_a_server_checks() {
        let mut out = Vec::new();
        let headers = [Header::of("Origin", "http://a")];
        let offer = Offer::default();
        let subprotocols = ["chat", "soap"];
        encode_upgrade_request(
            &mut out,
            "a:80",
            "/live?b",
            KEY,
            &subprotocols,
            Some(&offer),
            headers,
        );
        let expected = "GET /live?b HTTP/1.1\r\n\
            Host: a:80\r\n\
            Upgrade: websocket\r\n\
            Connection: Upgrade\r\n\
            Sec-WebSocket-Version: 13\r\n\
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
            Sec-WebSocket-Protocol: chat, soap\r\n\
            Sec-WebSocket-Extensions: permessage-deflate\r\n\
            Origin: http://a\r\n\r\n";
        assert_eq!(String::from_utf8_lossy(&out), expected);
    }

    #[test]
    fn an_answer_that_agrees_is_taken() {
        let plain = Switched::default();
        let soap = Switched { subprotocol: Some("soap"), deflate: None };
        let deflate = Switched { subprotocol: None, deflate: Some(Agreement::default()) };
        assert_eq!(check(101, &[]), Ok(plain));
        assert_eq!(check(101, &[("sec-websocket-protocol", "soap")]), Ok(soap));
        assert_eq!(check(101, &[("sec-websocket-extensions", "permessage-deflate")]), Ok(deflate));
        assert_eq!(check(101, &[("connection", "keep-alive, Upgrade")]), Ok(plain));
    }

    #[test]
    fn an_answer_that_does_not_agree_is_told_apart() {
        for (status, more, message) in [
            (200, &[][..], "server answered with status `200`; expected 101"),
            (101, &[("upgrade", "h2c")], "header `upgrade` is `h2c`; expected `websocket`"),
            (101, &[("connection", "")], "header `connection` is ``; expected `upgrade`"),
            (
                101,
                &[("sec-websocket-accept", "no")],
                "header `sec-websocket-accept` is `no`; expected `s3pPLMBiTxaQ9kYGzzhZRbK+xOo=`",
            ),
            (
                101,
                &[("sec-websocket-protocol", "Chat")],
                "server chose the subprotocol `Chat`, which was not offered",
            ),
            (
                101,
                &[("sec-websocket-extensions", "x-webkit-deflate-frame")],
                "server uses the extension `x-webkit-deflate-frame`, which was not offered, or not \
                 so often",
            ),
            (
                101,
                &[("sec-websocket-extensions", "permessage-deflate, permessage-deflate")],
                "server uses the extension `permessage-deflate`, which was not offered, or not so \
                 often",
            ),
            (
                101,
                &[("sec-websocket-extensions", "permessage-deflate;")],
                "extension list is malformed at ``; expected `name; parameter=value, ..`",
            ),
            (
                101,
                &[("sec-websocket-extensions", "permessage-deflate; client_max_window_bits=9")],
                "server accepts with `client_max_window_bits`, which was not offered",
            ),
        ] {
            let mismatch = check(status, more).expect_err(message);
            assert_eq!(mismatch.to_string(), message);
        }
    }
}
