//! A head: a first line and headers (RFC 9112, sections 2 to 6).

/// A head as it stands, nothing in it judged but its form.
#[derive(Debug)]
pub struct Head<'a> {
    /// Its first line.
    pub first: &'a [u8],
    /// Names and values in order, without the blanks around values.
    pub headers: Vec<(&'a str, &'a [u8])>,
    /// How long it is, the empty lines before it included.
    pub bytes: usize,
}

/// Where the body of a message ends, as its headers have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framed {
    /// They are silent.
    None,
    /// After so many bytes.
    Length(u64),
    /// With the last chunk.
    Chunked,
}

impl<'a> Head<'a> {
    /// Reads the head in front, or `None` if its end is not there.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(input: &'a [u8]) -> Result<Option<Self>, String> {
        let mut start = 0;
        while input[start..].starts_with(b"\r\n") {
            start += 2;
        }
        let Some(end) = input[start..].windows(4).position(|four| four == b"\r\n\r\n") else {
            return Ok(None);
        };
        let mut lines = lines(&input[start..start + end]);
        let first = lines.next().unwrap_or_default();
        if !first.iter().all(is_text) {
            return Err(shown("a first line is", first));
        }
        let headers = lines.map(header).collect::<Result<_, _>>()?;
        Ok(Some(Self { first, headers, bytes: start + end + 4 }))
    }

    /// Method, target and version of a request.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn request_line(&self) -> Result<(&'a str, &'a str, &'a str), String> {
        let wrong = || shown("a request line is", self.first);
        let line = std::str::from_utf8(self.first).map_err(|_| wrong())?;
        let mut words = line.split(' ');
        let (Some(method), Some(target), Some(version), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(wrong());
        };
        let is_visible = target.bytes().all(|byte| byte.is_ascii_graphic());
        let is_right = is_token(method)
            && is_visible
            && !target.is_empty()
            && matches!(version, "HTTP/1.0" | "HTTP/1.1");
        if is_right { Ok((method, target, version)) } else { Err(wrong()) }
    }

    /// Version and status of a response.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn status_line(&self) -> Result<(&'a str, u16), String> {
        let wrong = || shown("a status line is", self.first);
        // The reason may be anything.
        let mut words = self.first.splitn(3, |byte| *byte == b' ');
        let mut word = || words.next().and_then(|word| std::str::from_utf8(word).ok());
        let (Some(version), Some(status)) = (word(), word()) else {
            return Err(wrong());
        };
        let is_status = status.len() == 3 && status.bytes().all(|byte| byte.is_ascii_digit());
        let status: u16 = status.parse().map_err(|_| wrong())?;
        let is_right = is_status && status >= 100 && matches!(version, "HTTP/1.0" | "HTTP/1.1");
        if is_right { Ok((version, status)) } else { Err(wrong()) }
    }

    /// How the body is framed.
    ///
    /// # Errors
    /// If it can be read in two ways, or in none.
    pub fn framed(&self) -> Result<Framed, String> {
        match (
            self.values("content-length").as_slice(),
            self.values("transfer-encoding").as_slice(),
        ) {
            ([], []) => Ok(Framed::None),
            ([length], []) if length.iter().all(u8::is_ascii_digit) => {
                let digits = std::str::from_utf8(length).expect("digits are ASCII");
                digits.parse().map(Framed::Length).map_err(|error| format!("{error}: `{digits}`"))
            }
            ([], [coding]) if coding.eq_ignore_ascii_case(b"chunked") => Ok(Framed::Chunked),
            (lengths, codings) => {
                Err(format!("a body has {} lengths and {} codings", lengths.len(), codings.len()))
            }
        }
    }

    /// The values of all headers of a name.
    pub fn values(&self, name: &str) -> Vec<&'a [u8]> {
        let named = self.headers.iter().filter(|header| header.0.eq_ignore_ascii_case(name));
        named.map(|header| header.1).collect()
    }

    /// How many headers of a name there are.
    pub fn count(&self, name: &str) -> usize {
        self.values(name).len()
    }

    /// Whether a header of this name says this, in any case.
    pub fn says(&self, name: &str, value: &str) -> bool {
        self.values(name).iter().any(|said| said.eq_ignore_ascii_case(value.as_bytes()))
    }
}

/// The lines of a head, which nothing but CR LF ends.
fn lines(mut bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut is_over = false;
    std::iter::from_fn(move || {
        if is_over {
            return None;
        }
        match bytes.windows(2).position(|two| two == b"\r\n") {
            Some(end) => {
                let line = &bytes[..end];
                bytes = &bytes[end + 2..];
                Some(line)
            }
            None => {
                is_over = true;
                Some(bytes)
            }
        }
    })
}

fn header(line: &[u8]) -> Result<(&str, &[u8]), String> {
    let wrong = || shown("a header is", line);
    let colon = line.iter().position(|byte| *byte == b':').ok_or_else(wrong)?;
    let name = std::str::from_utf8(&line[..colon]).map_err(|_| wrong())?;
    let value = without_blanks(&line[colon + 1..]);
    if is_token(name) && value.iter().all(is_text) { Ok((name, value)) } else { Err(wrong()) }
}

/// A value without the spaces and tabs around it.
fn without_blanks(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

/// Whether it may stand in a value or a reason.
fn is_text(byte: &u8) -> bool {
    *byte == b'\t' || *byte >= b' ' && *byte != 0x7f
}

/// Whether it is a token (RFC 9110, section 5.6.2).
fn is_token(text: &str) -> bool {
    let is_right = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_right)
}

fn shown(what: &str, bytes: &[u8]) -> String {
    format!("{what} `{}`", bytes.escape_ascii())
}
