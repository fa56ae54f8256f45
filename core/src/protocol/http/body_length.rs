//! Where a body ends (RFC 9112, section 6).

use httparse::Header;

use super::{
    fault::{Fault, excerpt},
    grammar::elements,
    version::Version,
};

/// How long a body is, by its head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyLength {
    /// There is none.
    None,
    /// This many bytes.
    Length(u64),
    /// Chunks, up to an empty one.
    Chunked,
}

/// How the body of a response ends: some last as long as the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseBody {
    /// The head says where.
    Framed(BodyLength),
    /// With the connection.
    UntilClose,
}

impl BodyLength {
    /// Reads the length that the headers declare; `None` if they are silent.
    ///
    /// Stricter than the standard, which lets a recipient mend a repeated length: what has two
    /// readings is refused, because a proxy in front may have taken the other one.
    pub(super) fn declared(
        headers: &[Header<'_>],
        version: Version,
    ) -> Result<Option<Self>, Fault> {
        let mut length = None;
        let mut is_chunked = false;
        for Header { name, value } in headers {
            if name.eq_ignore_ascii_case("content-length") {
                if length.replace(parse_length(value)?).is_some() {
                    return Err(Fault::ContentLengthRepeated);
                }
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                expect_chunked(value)?;
                if is_chunked {
                    return Err(Fault::TransferEncodingMalformed(excerpt(value)));
                }
                is_chunked = true;
            }
        }
        match (length, is_chunked) {
            (None, false) => Ok(None),
            (Some(length), false) => Ok(Some(Self::Length(length))),
            (None, true) if version == Version::Http10 => Err(Fault::TransferEncodingTooEarly),
            (None, true) => Ok(Some(Self::Chunked)),
            (Some(_), true) => Err(Fault::LengthAndChunked),
        }
    }
}

/// Digits and nothing else: `str::parse` would take a sign.
fn parse_length(value: &[u8]) -> Result<u64, Fault> {
    let fault = || Fault::ContentLength(excerpt(value));
    if value.is_empty() {
        return Err(fault());
    }
    value.iter().try_fold(0_u64, |length, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0')).ok_or_else(fault)?;
        length.checked_mul(10).and_then(|length| length.checked_add(digit)).ok_or_else(fault)
    })
}

fn expect_chunked(value: &[u8]) -> Result<(), Fault> {
    if value.eq_ignore_ascii_case(b"chunked") {
        return Ok(());
    }
    let is_unknown =
        |coding: &&[u8]| !coding.is_empty() && !coding.eq_ignore_ascii_case(b"chunked");
    match elements(value).find(is_unknown) {
        Some(coding) => Err(Fault::TransferEncoding(excerpt(coding))),
        None => Err(Fault::TransferEncodingMalformed(excerpt(value))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(headers: &[(&str, &str)]) -> Result<Option<BodyLength>, Fault> {
        declared_in(Version::Http11, headers)
    }

    fn declared_in(
        version: Version,
        headers: &[(&str, &str)],
    ) -> Result<Option<BodyLength>, Fault> {
        let headers: Vec<Header<'_>> =
            headers.iter().map(|(name, value)| Header { name, value: value.as_bytes() }).collect();
        BodyLength::declared(&headers, version)
    }

    #[test]
    fn a_length_is_decimal_digits() {
        for (text, length) in [
            ("0", Some(0)),
            ("5", Some(5)),
            ("005", Some(5)),
            ("18446744073709551615", Some(u64::MAX)),
            ("18446744073709551616", None),
            ("99999999999999999999999", None),
            ("", None),
            ("+5", None),
            ("-1", None),
            ("5, 5", None),
            ("5,", None),
            ("5 5", None),
            ("0x5", None),
            ("5.0", None),
            ("\u{665}", None),
        ] {
            let outcome = declared(&[("Content-Length", text)]);
            match length {
                Some(length) => assert_eq!(outcome, Ok(Some(BodyLength::Length(length)))),
                None => {
                    assert_eq!(outcome, Err(Fault::ContentLength(excerpt(text.as_bytes()))))
                }
            }
        }
    }

    #[test]
    fn chunked_is_the_only_coding() {
        let malformed = |text: &str| Err(Fault::TransferEncodingMalformed(text.into()));
        let unknown = |text: &str| Err(Fault::TransferEncoding(text.into()));
        for (text, outcome) in [
            ("chunked", Ok(Some(BodyLength::Chunked))),
            ("Chunked", Ok(Some(BodyLength::Chunked))),
            ("", malformed("")),
            ("chunked,", malformed("chunked,")),
            ("chunked, chunked", malformed("chunked, chunked")),
            ("gzip", unknown("gzip")),
            ("gzip, chunked", unknown("gzip")),
            ("chunked, gzip", unknown("gzip")),
            ("identity", unknown("identity")),
            ("xchunked", unknown("xchunked")),
            ("chunked;a=b", unknown("chunked;a=b")),
            ("\"chunked\"", unknown("\\\"chunked\\\"")),
        ] {
            assert_eq!(declared(&[("Transfer-Encoding", text)]), outcome, "{text}");
        }
    }

    #[test]
    fn two_ways_to_read_a_length_are_one_too_many() {
        let (length, coding) = (("content-length", "5"), ("transfer-encoding", "chunked"));
        assert_eq!(declared(&[]), Ok(None));
        assert_eq!(declared(&[length, length]), Err(Fault::ContentLengthRepeated));
        assert_eq!(declared(&[length, coding]), Err(Fault::LengthAndChunked));
        assert_eq!(declared(&[coding, length]), Err(Fault::LengthAndChunked));
        assert_eq!(
            declared(&[coding, coding]),
            Err(Fault::TransferEncodingMalformed("chunked".into()))
        );
        assert_eq!(declared_in(Version::Http10, &[coding]), Err(Fault::TransferEncodingTooEarly));
    }
}
