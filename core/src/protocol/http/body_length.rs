//! Where a body ends (RFC 9112, section 6).

use super::{
    fault::{Fault, excerpt},
    field_names::Known,
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
    /// Whether bytes of it follow the head: chunks have an end, even if they have no data.
    pub fn has_bytes(self) -> bool {
        !matches!(self, Self::None | Self::Length(0))
    }

    /// Reads the length that fields declare; `None` if they are silent.
    ///
    /// Stricter than the standard, which lets a recipient mend a repeated length: what has two
    /// readings is refused, because a proxy in front may have taken the other one.
    pub(super) fn declared(
        fields: &[(Known, &[u8])],
        version: Version,
    ) -> Result<Option<Self>, Fault> {
        let mut length = None;
        let mut codings = Codings::default();
        for &(name, value) in fields {
            if name == Known::CONTENT_LENGTH {
                if length.replace(parse_length(value)?).is_some() {
                    return Err(Fault::ContentLengthRepeated);
                }
            } else if name == Known::TRANSFER_ENCODING {
                codings.hear(value)?;
            }
        }
        match (length, codings.last) {
            (None, None) => Ok(None),
            (Some(length), None) => Ok(Some(Self::Length(length))),
            (None, Some(_)) if version == Version::Http10 => Err(Fault::TransferEncodingTooEarly),
            (None, Some(_)) => codings.expect_chunked().map(|()| Some(Self::Chunked)),
            (Some(_), Some(_)) => Err(Fault::LengthAndChunked),
        }
    }
}

/// The transfer codings named so far: one list, however many lines it has.
#[derive(Default)]
struct Codings<'h> {
    /// The one applied last, whose end is the body's.
    last: Option<&'h [u8]>,
    /// The first that is not spoken here.
    unknown: Option<&'h [u8]>,
    is_chunked: bool,
}

impl<'h> Codings<'h> {
    /// Hears one line of the list. Stricter than the standard, which has empty elements ignored:
    /// not everybody does.
    fn hear(&mut self, line: &'h [u8]) -> Result<(), Fault> {
        for coding in elements(line) {
            let is_chunked = coding.eq_ignore_ascii_case(b"chunked");
            if coding.is_empty() || is_chunked && self.is_chunked {
                return Err(Fault::TransferEncodingMalformed(excerpt(line)));
            }
            self.is_chunked |= is_chunked;
            if !is_chunked {
                self.unknown = self.unknown.or(Some(coding));
            }
            self.last = Some(coding);
        }
        Ok(())
    }

    /// Whether chunks are all there is. Where they do not come last nobody knows where the body
    /// ends (RFC 9112, section 6.3); what is in them may just be unknown here (section 6.1).
    fn expect_chunked(&self) -> Result<(), Fault> {
        match (self.last, self.unknown) {
            (_, None) => Ok(()),
            (Some(last), Some(_)) if !last.eq_ignore_ascii_case(b"chunked") => {
                Err(Fault::TransferEncodingEndless(excerpt(last)))
            }
            (_, Some(unknown)) => Err(Fault::TransferEncoding(excerpt(unknown))),
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
        let known = |name: &str| Known::find(name.as_bytes()).expect("it is known");
        let fields = headers.iter().map(|(name, value)| (known(name), value.as_bytes()));
        BodyLength::declared(&fields.collect::<Vec<_>>(), version)
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
        let endless = |text: &str| Err(Fault::TransferEncodingEndless(text.into()));
        for (text, outcome) in [
            ("chunked", Ok(Some(BodyLength::Chunked))),
            ("Chunked", Ok(Some(BodyLength::Chunked))),
            ("", malformed("")),
            ("chunked,", malformed("chunked,")),
            ("chunked, chunked", malformed("chunked, chunked")),
            ("gzip, chunked", unknown("gzip")),
            ("identity, chunked", unknown("identity")),
            ("gzip", endless("gzip")),
            ("chunked, gzip", endless("gzip")),
            ("chunked, gzip, chunked", malformed("chunked, gzip, chunked")),
            ("identity", endless("identity")),
            ("xchunked", endless("xchunked")),
            ("chunked;a=b", endless("chunked;a=b")),
            ("\"chunked\"", endless("\\\"chunked\\\"")),
        ] {
            assert_eq!(declared(&[("Transfer-Encoding", text)]), outcome, "{text}");
        }
    }

    #[test]
    fn codings_in_several_lines_are_one_list() {
        let said = |codings: [&str; 2]| {
            let headers = codings.map(|coding| ("transfer-encoding", coding));
            declared(&headers).unwrap_err().status()
        };
        assert_eq!(said(["gzip", "chunked"]), 501);
        assert_eq!(said(["chunked", "gzip"]), 400);
        assert_eq!(said(["chunked", "Chunked"]), 400);
        assert_eq!(said(["", "chunked"]), 400);
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
