//! The server's side of the upgrade (RFC 6455, section 4.2).

use std::borrow::Cow;

use http::Method;

use super::{MalformedExtensions, VERSION, accept_key, is_key, is_token, put_header, shown};
use crate::protocol::http::{Header, push_header};
use crate::protocol::websocket::deflate::Agreement;

/// A request for a WebSocket that can be granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Upgrade<'h> {
    /// The key as the client sent it.
    pub key: &'h [u8],
}

impl Upgrade<'_> {
    /// The answer to the key.
    pub fn accept(&self) -> [u8; 28] {
        accept_key(self.key)
    }
}

/// Why a request for a WebSocket is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// 400, or 426 if something else must be asked for.
    pub status: u16,
    /// What was wrong, what was seen, what would be right.
    pub message: Cow<'static, str>,
}

impl Refusal {
    fn bad(message: impl Into<Cow<'static, str>>) -> Self {
        Self { status: 400, message: message.into() }
    }

    fn upgrade_required(message: impl Into<Cow<'static, str>>) -> Self {
        Self { status: 426, message: message.into() }
    }

    /// The headers that belong in the answer: with 426, what to upgrade to.
    ///
    /// The `Connection: Upgrade` that goes with them is for whoever writes the head.
    pub fn headers(&self) -> &'static [(&'static str, &'static str)] {
        match self.status {
            426 => &[("Upgrade", "websocket"), ("Sec-WebSocket-Version", VERSION)],
            _ => &[],
        }
    }
}

/// Checks whether a request asks for a WebSocket, and rightly (section 4.2.1).
///
/// `header` finds the first value of a header, `has_token` a token in any of its comma lists; both
/// ignore the case of names, and `has_token` that of tokens.
///
/// # Errors
/// A [`Refusal`] with 426 if the request asks for no WebSocket or for another version of it, else
/// with 400.
pub fn check_upgrade<'h>(
    method: &Method,
    is_http11: bool,
    header: impl Fn(&str) -> Option<&'h [u8]>,
    has_token: impl Fn(&str, &str) -> bool,
) -> Result<Upgrade<'h>, Refusal> {
    if !has_token("upgrade", "websocket") {
        return Err(Refusal::upgrade_required(
            "request asks for no websocket; expected `Upgrade: websocket`",
        ));
    }
    if method != Method::GET {
        return Err(Refusal::bad(format!("method `{method}` opens no websocket; `GET` does")));
    }
    if !is_http11 {
        return Err(Refusal::bad("HTTP/1.0 cannot be upgraded; a websocket needs HTTP/1.1"));
    }
    if !has_token("connection", "upgrade") {
        return Err(Refusal::bad("header `Connection` does not name `upgrade`"));
    }
    match header("sec-websocket-version") {
        None => return Err(Refusal::bad("header `Sec-WebSocket-Version` is missing; send `13`")),
        Some(version) if version == VERSION.as_bytes() => {}
        Some(version) => {
            let version = shown(version);
            return Err(Refusal::upgrade_required(format!(
                "websocket version `{version}` is not spoken here; `{VERSION}` is"
            )));
        }
    }
    match header("sec-websocket-key") {
        None => Err(Refusal::bad("header `Sec-WebSocket-Key` is missing")),
        Some(key) if is_key(key) => Ok(Upgrade { key }),
        Some(key) => {
            let key = shown(key);
            Err(Refusal::bad(format!("websocket key `{key}` is not 16 bytes in base64")))
        }
    }
}

impl From<MalformedExtensions> for Refusal {
    fn from(malformed: MalformedExtensions) -> Self {
        Self::bad(malformed.to_string())
    }
}

/// Chooses the first subprotocol the client offers that is among `ours` (section 1.9).
///
/// `offered` are the values of the client's `Sec-WebSocket-Protocol` headers, each a comma list.
/// Names are compared with their case.
///
/// # Errors
/// A [`Refusal`] with 400 if one of the lists has something else in it than tokens.
pub fn choose_subprotocol<'h, 's>(
    offered: impl IntoIterator<Item = &'h [u8]>,
    ours: impl IntoIterator<Item = &'s str, IntoIter: Clone>,
) -> Result<Option<&'s str>, Refusal> {
    let ours = ours.into_iter();
    let mut chosen = None;
    for list in offered {
        for name in list.split(|byte| *byte == b',').map(<[u8]>::trim_ascii) {
            let Some(name) = str::from_utf8(name).ok().filter(|name| is_token(name)) else {
                let name = shown(name);
                return Err(Refusal::bad(format!("subprotocol `{name}` is not a token")));
            };
            chosen = chosen.or_else(|| ours.clone().find(|our| *our == name));
        }
    }
    Ok(chosen)
}

/// Appends the head that turns the connection into a WebSocket (section 4.2.2).
///
/// `headers` are those of the answer besides.
pub fn encode_switching_protocols<'h>(
    out: &mut Vec<u8>,
    accept: &[u8; 28],
    subprotocol: Option<&str>,
    deflate: Option<Agreement>,
    headers: impl IntoIterator<Item = Header<'h>>,
) {
    out.extend_from_slice(
        b"HTTP/1.1 101 Switching Protocols\r\n\
        Upgrade: websocket\r\n\
        Connection: Upgrade\r\n\
        Sec-WebSocket-Accept: ",
    );
    // Base64 ends no line.
    out.extend_from_slice(accept);
    out.extend_from_slice(b"\r\n");
    if let Some(subprotocol) = subprotocol {
        put_header(out, "Sec-WebSocket-Protocol", subprotocol.as_bytes());
    }
    if let Some(agreement) = deflate {
        let mut extension = Vec::new();
        agreement.write(&mut extension);
        put_header(out, "Sec-WebSocket-Extensions", &extension);
    }
    for header in headers {
        push_header(out, header);
    }
    out.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
    const GOOD: [(&str, &str); 4] = [
        ("upgrade", "websocket"),
        ("connection", "keep-alive, Upgrade"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", KEY),
    ];

    /// The good request with one header replaced, or removed.
    fn with(name: &str, value: Option<&'static str>) -> Vec<(&'static str, &'static str)> {
        GOOD.into_iter()
            .filter_map(|header| match value {
                Some(value) if header.0 == name => Some((header.0, value)),
                None if header.0 == name => None,
                _ => Some(header),
            })
            .collect()
    }

    fn check(
        method: Method,
        is_http11: bool,
        headers: &[(&'static str, &'static str)],
    ) -> Result<Upgrade<'static>, (u16, String)> {
        let find = |name: &str| headers.iter().find(|header| header.0 == name).map(|it| it.1);
        check_upgrade(
            &method,
            is_http11,
            |name| find(name).map(str::as_bytes),
            |name, token| {
                find(name)
                    .is_some_and(|v| v.split(',').any(|it| it.trim().eq_ignore_ascii_case(token)))
            },
        )
        .map_err(|refusal| (refusal.status, refusal.to_string()))
    }

    #[test]
    fn a_request_as_in_the_rfc_is_granted() {
        let upgrade = Upgrade { key: KEY.as_bytes() };
        assert_eq!(upgrade.accept(), *b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert_eq!(check(Method::GET, true, &GOOD), Ok(upgrade));
        assert_eq!(check(Method::GET, true, &with("upgrade", Some("h2c, WebSocket"))), Ok(upgrade));
    }

    #[test]
    fn requests_are_refused_with_what_is_wrong() {
        for (name, value, status, message) in [
            ("upgrade", None, 426, "request asks for no websocket; expected `Upgrade: websocket`"),
            (
                "upgrade",
                Some("h2c"),
                426,
                "request asks for no websocket; expected `Upgrade: websocket`",
            ),
            ("connection", None, 400, "header `Connection` does not name `upgrade`"),
            ("connection", Some("close"), 400, "header `Connection` does not name `upgrade`"),
            (
                "sec-websocket-version",
                None,
                400,
                "header `Sec-WebSocket-Version` is missing; send `13`",
            ),
            (
                "sec-websocket-version",
                Some("8"),
                426,
                "websocket version `8` is not spoken here; `13` is",
            ),
            ("sec-websocket-key", None, 400, "header `Sec-WebSocket-Key` is missing"),
            ("sec-websocket-key", Some("a"), 400, "websocket key `a` is not 16 bytes in base64"),
        ] {
            let refusal = check(Method::GET, true, &with(name, value));
            assert_eq!(refusal, Err((status, message.to_owned())), "{name}: {value:?}");
        }
    }

    #[test]
    fn only_get_over_http_1_1_opens_a_websocket() {
        assert_eq!(
            check(Method::POST, true, &GOOD),
            Err((400, "method `POST` opens no websocket; `GET` does".to_owned()))
        );
        assert_eq!(
            check(Method::GET, false, &GOOD),
            Err((400, "HTTP/1.0 cannot be upgraded; a websocket needs HTTP/1.1".to_owned()))
        );
    }

    #[test]
    fn upgrade_required_says_to_what() {
        let headers = [("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13")];
        assert_eq!(Refusal::upgrade_required("").headers(), headers);
        assert!(Refusal::bad("").headers().is_empty());
    }

    #[test]
    fn the_first_offer_that_is_ours_is_chosen() {
        let ours = ["chat.v2", "chat.v1"];
        for (offered, chosen) in [
            (&[][..], Some(None)),
            (&["chat.v1, chat.v2"], Some(Some("chat.v1"))),
            (&["soap", "chat.v2,chat.v1"], Some(Some("chat.v2"))),
            (&["Chat.v1"], Some(None)),
            (&["soap"], Some(None)),
            (&[""], None),
            (&["chat.v1,"], None),
            (&["chat.v1, a b"], None),
            (&["chat.v1", "\"soap\""], None),
            (&["é"], None),
        ] {
            let choice = choose_subprotocol(offered.iter().map(|list| list.as_bytes()), ours);
            assert_eq!(choice.ok(), chosen, "{offered:?}");
        }
    }

    #[test]
    fn the_head_that_switches_has_what_the_client_checks() {
        let mut out = Vec::new();
        let headers = [Header::of("Set-Cookie", "a=1")];
        let accept = accept_key(KEY.as_bytes());
        let agreement = Agreement::default();
        encode_switching_protocols(&mut out, &accept, Some("chat"), Some(agreement), headers);
        let expected = "HTTP/1.1 101 Switching Protocols\r\n\
            Upgrade: websocket\r\n\
            Connection: Upgrade\r\n\
            Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\
            Sec-WebSocket-Protocol: chat\r\n\
            Sec-WebSocket-Extensions: permessage-deflate\r\n\
            Set-Cookie: a=1\r\n\r\n";
        assert_eq!(String::from_utf8_lossy(&out), expected);
    }
}
