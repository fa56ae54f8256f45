//! What one role writes, the other reads; and no bytes, however cut, do worse than a fault.

use std::time::{Duration, UNIX_EPOCH};

use http::{Method, StatusCode};
use proptest::prelude::*;

use super::{body_in_pieces, request_in_pieces};
use crate::protocol::http::{
    BodyDecoder, BodyLength, Connection, Date, Framing, HeadLimits, Header, ResponseBody,
    ResponseHeads, Version, encode_chunk, encode_last_chunk, encode_request_head,
    encode_response_head,
};

type Headers = Vec<(String, String)>;

/// Headers of no meaning to the codec: their names begin with `x-`.
fn headers() -> impl Strategy<Value = Headers> {
    let value = "([!-~\u{a1}-\u{ff}]([ \t!-~\u{a1}-\u{ff}]{0,20}[!-~\u{a1}-\u{ff}])?)?";
    prop::collection::vec(("x-[a-zA-Z0-9_.-]{0,12}", value), 0..12)
}

fn body_length() -> impl Strategy<Value = BodyLength> {
    prop_oneof![
        Just(BodyLength::None),
        any::<u64>().prop_map(BodyLength::Length),
        Just(BodyLength::Chunked)
    ]
}

fn framing() -> impl Strategy<Value = Framing> {
    prop_oneof![
        any::<u64>().prop_map(Framing::Length),
        Just(Framing::Chunked),
        Just(Framing::Close)
    ]
}

/// Bytes that look like HTTP often enough to get somewhere.
pub(super) fn nearly_http() -> impl Strategy<Value = Vec<u8>> {
    let tokens = prop::sample::select(vec![
        "GET ",
        "POST ",
        "/",
        "http://a",
        "*",
        " HTTP/1.1",
        " HTTP/1.0",
        "HTTP/1.1 200 OK",
        "\r\n",
        "\r\n\r\n",
        "\n",
        "\r",
        "Host: a",
        "Host:",
        "Content-Length: 5",
        "Transfer-Encoding: ",
        "chunked",
        ":",
        " ",
        "\t",
        "5\r\nhello\r\n",
        "0\r\n",
        ";",
        "a",
        "f",
        "\0",
        "\u{e9}",
    ]);
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..64),
        prop::collection::vec(tokens, 0..24).prop_map(|tokens| tokens.concat().into_bytes()),
    ]
}

/// Places to cut an input of this length, in order.
fn cuts(length: usize, seeds: &[prop::sample::Index]) -> Vec<usize> {
    let mut ends: Vec<usize> = seeds.iter().map(|seed| seed.index(length + 1)).collect();
    ends.sort_unstable();
    ends
}

fn sent(headers: &Headers) -> impl Iterator<Item = Header<'_>> {
    headers.iter().map(|(name, value)| {
        Header::new(name, value.as_bytes()).expect("names are tokens, and values are text")
    })
}

fn as_sent<'a>(headers: impl Iterator<Item = (&'a str, &'a [u8])>) -> Headers {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("sent as text");
    headers
        .filter(|(name, _)| name.starts_with("x-"))
        .map(|(name, value)| (name.to_owned(), text(value)))
        .collect()
}

proptest! {
    #[test]
    fn a_server_reads_what_a_client_writes(
        method in prop::sample::select(vec!["GET", "POST", "DELETE", "OPTIONS", "BREW"]),
        target in "/([!-\"$&->@-~]|%[0-9A-Fa-f]{2}){0,30}([?][!-\"$-~]{0,10})?",
        host in "[a-z0-9.-]{1,20}(:[0-9]{1,5})?",
        headers in headers(),
        body in body_length(),
        seeds in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut out = Vec::new();
        encode_request_head(&mut out, &method, &target, &host, sent(&headers), body);
        let limits = HeadLimits::default();
        let (head, consumed) =
            request_in_pieces(&out, cuts(out.len(), &seeds), &limits).unwrap().unwrap();
        prop_assert_eq!(consumed, out.len());
        prop_assert_eq!(head.method(), &method);
        prop_assert_eq!(head.target(), target);
        prop_assert_eq!(head.host(), Some(&*host));
        prop_assert_eq!(head.body(), body);
        prop_assert_eq!(as_sent(head.headers()), headers);
    }

    #[test]
    fn a_client_reads_what_a_server_writes(
        status in 200_u16..600,
        headers in headers(),
        framing in framing(),
        is_kept in any::<bool>(),
    ) {
        prop_assume!(status != 204 && status != 304);
        let status = StatusCode::from_u16(status).unwrap();
        let connection = if is_kept { Connection::KeepAlive } else { Connection::Close };
        let mut out = Vec::new();
        let date = Date::at(UNIX_EPOCH + Duration::from_secs(784_111_777));
        encode_response_head(
            &mut out, status, sent(&headers), framing, connection, Version::Http11, Some(&date),
        );
        let (head, consumed) =
            ResponseHeads::new().decode(&out, &HeadLimits::default()).unwrap().unwrap();
        prop_assert_eq!(consumed, out.len());
        prop_assert_eq!(head.status(), status);
        prop_assert_eq!(head.header_text("date"), Some("Sun, 06 Nov 1994 08:49:37 GMT"));
        prop_assert_eq!(as_sent(head.headers()), headers);
        prop_assert_eq!(head.keeps_alive(), is_kept && framing != Framing::Close);
        let body = match framing {
            Framing::Length(length) => ResponseBody::Framed(BodyLength::Length(length)),
            Framing::Chunked => ResponseBody::Framed(BodyLength::Chunked),
            Framing::Close | Framing::None => ResponseBody::UntilClose,
        };
        prop_assert_eq!(head.body(&Method::GET), body);
    }

    #[test]
    fn a_body_arrives_as_it_was_sent(
        parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..6),
        has_trailers in any::<bool>(),
        seeds in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let data = parts.concat();
        let mut chunked = Vec::new();
        for part in &parts {
            encode_chunk(&mut chunked, part);
        }
        encode_last_chunk(&mut chunked, has_trailers.then_some(Header::of("digest", "abc")));
        for (sent, length) in [
            (&chunked, BodyLength::Chunked),
            (&data, BodyLength::Length(data.len() as u64)),
        ] {
            let max = data.len() as u64;
            let got = body_in_pieces(sent, cuts(sent.len(), &seeds), length, max);
            prop_assert_eq!(got, (data.clone(), Ok(sent.len())));
        }
    }

    #[test]
    fn no_bytes_do_worse_than_a_fault_and_no_cut_changes_it(
        input in nearly_http(),
        seeds in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let limits = HeadLimits { head_bytes_max: 80, headers_max: 3, target_bytes_max: 12 };
        let ends = cuts(input.len(), &seeds);
        prop_assert_eq!(
            request_in_pieces(&input, ends.clone(), &limits),
            request_in_pieces(&input, [], &limits)
        );
        let whole = ResponseHeads::new().decode(&input, &limits);
        let mut heads = ResponseHeads::new();
        let in_pieces = ends
            .iter()
            .map(|&end| heads.decode(&input[..end], &limits))
            .find(|outcome| *outcome != Ok(None));
        prop_assert_eq!(in_pieces.unwrap_or_else(|| heads.decode(&input, &limits)), whole);
        for length in [BodyLength::None, BodyLength::Length(9), BodyLength::Chunked] {
            prop_assert_eq!(
                body_in_pieces(&input, ends.clone(), length, 20),
                body_in_pieces(&input, [], length, 20)
            );
        }
        let mut until_close = BodyDecoder::response(ResponseBody::UntilClose, 20).unwrap();
        let part = until_close.decode(&input).unwrap();
        prop_assert_eq!(part.data, &input[..input.len().min(20)]);
    }

    #[test]
    fn a_long_head_comes_to_the_same_sooner_or_later(
        padding in 200_usize..900,
        rest in nearly_http(),
        seeds in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
    ) {
        let start = format!("GET / HTTP/1.1\r\nX: {}\r\n", "x".repeat(padding));
        let input = [start.as_bytes(), &rest, b"\r\n\r\n"].concat();
        let limits = HeadLimits { head_bytes_max: 1000, headers_max: 3, target_bytes_max: 12 };
        prop_assert_eq!(
            request_in_pieces(&input, cuts(input.len(), &seeds), &limits),
            request_in_pieces(&input, [], &limits)
        );
    }
}
