//! Walks a head that was not taken, for it is not whole or not sound, and names its first fault.
//!
//! The walk goes byte by byte, strictly from left to right, and judges no byte by what comes after
//! it: so the same fault is named however the input was cut. It is the cold path; whole and sound
//! heads never come here. Knows the lines of a head (RFC 9112, sections 2 to 5), not their meaning.

use super::{
    fault::{Fault, excerpt},
    grammar::{is_field_byte, is_target_byte, is_token},
    head_limits::HeadLimits,
    head_search::EMPTY_LINES_MAX,
};

/// Bytes of the longest method we answer: twice the longest registered one.
pub(super) const METHOD_BYTES_MAX: usize = 32;
/// First byte of a TLS handshake.
const TLS_HANDSHAKE: u8 = 0x16;

/// The first fault of what has arrived of a request head.
pub(super) fn request_fault(window: &[u8], limits: &HeadLimits) -> Option<Fault> {
    Walk { window, line: 0, at: 0 }.request(limits).err().flatten()
}

/// The first fault of what has arrived of a response head.
pub(super) fn response_fault(window: &[u8], limits: &HeadLimits) -> Option<Fault> {
    Walk { window, line: 0, at: 0 }.response(limits).err().flatten()
}

/// Why a walk stops: at a fault, or where the input ends with nothing wrong so far.
type Stop = Option<Fault>;

struct Walk<'a> {
    window: &'a [u8],
    /// Where the current line begins.
    line: usize,
    at: usize,
}

impl Walk<'_> {
    fn request(&mut self, limits: &HeadLimits) -> Result<(), Stop> {
        self.empty_lines()?;
        self.method()?;
        self.target(limits.target_bytes_max)?;
        self.version(Fault::Version)?;
        self.line_end(Fault::Version)?;
        self.headers(limits.lines_max())
    }

    fn response(&mut self, limits: &HeadLimits) -> Result<(), Stop> {
        self.empty_lines()?;
        self.version(Fault::StatusLine)?;
        self.status()?;
        self.headers(limits.lines_max())
    }

    fn empty_lines(&mut self) -> Result<(), Stop> {
        let mut lines = 0;
        while matches!(self.peek()?, b'\r' | b'\n') {
            self.line_end(Fault::Method)?;
            lines += 1;
            if lines > EMPTY_LINES_MAX {
                return Err(Some(Fault::EmptyLines { max: EMPTY_LINES_MAX }));
            }
        }
        Ok(())
    }

    fn method(&mut self) -> Result<(), Stop> {
        if self.peek()? == TLS_HANDSHAKE {
            return Err(Some(Fault::Tls));
        }
        loop {
            match self.next()? {
                b' ' if self.at - self.line > 1 => return Ok(()),
                byte if !is_token(byte) => return Err(self.seen(Fault::Method)),
                _ if self.at - self.line > METHOD_BYTES_MAX => {
                    return Err(Some(Fault::MethodTooLong { max: METHOD_BYTES_MAX }));
                }
                _ => {}
            }
        }
    }

    fn target(&mut self, bytes_max: usize) -> Result<(), Stop> {
        let start = self.at;
        loop {
            let is_empty = self.at == start;
            match self.next()? {
                b' ' if !is_empty => return Ok(()),
                b'\r' | b'\n' if !is_empty => return Err(self.seen(Fault::Version)),
                byte if !is_target_byte(byte) => {
                    return Err(Some(Fault::Target(excerpt(&self.window[start..self.at]))));
                }
                _ if self.at - start > bytes_max => {
                    return Err(Some(Fault::TargetTooLong { max: bytes_max }));
                }
                _ => {}
            }
        }
    }

    /// `HTTP/1.0` or `HTTP/1.1`. A higher minor version could be read as 1.1 (RFC 9110, section
    /// 2.5), but there is none and there will be none: what claims to be one is a probe.
    fn version(&mut self, malformed: fn(Box<str>) -> Fault) -> Result<(), Stop> {
        for expected in *b"HTTP/" {
            if self.next()? != expected {
                return Err(self.seen(malformed));
            }
        }
        for (right, claims_another) in [("1", true), (".", false), ("01", true)] {
            let byte = self.next()?;
            if right.as_bytes().contains(&byte) {
                continue;
            }
            let is_another = claims_another && byte.is_ascii_digit();
            return Err(self.seen(if is_another { Fault::VersionUnsupported } else { malformed }));
        }
        Ok(())
    }

    /// Three digits, then the reason in a line of text, or nothing.
    fn status(&mut self) -> Result<(), Stop> {
        if self.next()? != b' ' {
            return Err(self.seen(Fault::StatusLine));
        }
        for smallest in [b'1', b'0', b'0'] {
            if !(smallest..=b'9').contains(&self.next()?) {
                return Err(self.seen(Fault::StatusLine));
            }
        }
        if self.peek()? == b' ' {
            return self.text_line(Fault::StatusLine);
        }
        self.line_end(Fault::StatusLine)
    }

    fn headers(&mut self, max: usize) -> Result<(), Stop> {
        for count in 1.. {
            match self.peek()? {
                b'\r' | b'\n' => return self.line_end(Fault::HeaderName),
                b' ' | b'\t' => return Err(Some(Fault::FoldedLine)),
                _ => {}
            }
            self.header_name()?;
            self.text_line(Fault::HeaderValue)?;
            if count > max {
                return Err(Some(Fault::TooManyHeaders { max }));
            }
        }
        Ok(())
    }

    fn header_name(&mut self) -> Result<(), Stop> {
        loop {
            match self.next()? {
                b':' if self.at - self.line > 1 => return Ok(()),
                byte if !is_token(byte) => return Err(self.seen(Fault::HeaderName)),
                _ => {}
            }
        }
    }

    /// The rest of a line of visible text.
    fn text_line(&mut self, malformed: fn(Box<str>) -> Fault) -> Result<(), Stop> {
        while is_field_byte(self.peek()?) {
            self.at += 1;
        }
        self.line_end(malformed)
    }

    /// CR LF, here and now; any other byte is a fault of the line.
    fn line_end(&mut self, malformed: fn(Box<str>) -> Fault) -> Result<(), Stop> {
        match self.next()? {
            b'\r' => {
                if self.next()? != b'\n' {
                    return Err(self.seen(Fault::BareCarriageReturn));
                }
                self.line = self.at;
                Ok(())
            }
            b'\n' => Err(self.seen(Fault::BareLineFeed)),
            _ => Err(self.seen(malformed)),
        }
    }

    fn peek(&self) -> Result<u8, Stop> {
        self.window.get(self.at).copied().ok_or(None)
    }

    fn next(&mut self) -> Result<u8, Stop> {
        let byte = self.peek()?;
        self.at += 1;
        Ok(byte)
    }

    /// A fault that shows the line up to the byte that made it one.
    fn seen(&self, fault: fn(Box<str>) -> Fault) -> Stop {
        Some(fault(excerpt(&self.window[self.line..self.at])))
    }
}
