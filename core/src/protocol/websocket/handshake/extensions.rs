//! The grammar of `Sec-WebSocket-Extensions` (RFC 6455, section 9.1).
//!
//! What an extension and its parameters mean is not known here.

use std::borrow::Cow;

use super::{is_token, shown};

/// One extension of a list, as it is offered or accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension<'h> {
    /// Its name.
    pub name: &'h str,
    /// Its parameters, in order.
    pub parameters: Vec<Parameter<'h>>,
}

/// A parameter of an extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter<'h> {
    /// Its name.
    pub name: &'h str,
    /// What stands behind the `=`, without quotes.
    pub value: Option<Cow<'h, str>>,
}

/// A list of extensions is none; the handshake must fail (RFC 6455, section 9.1).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("extension list is malformed at `{seen}`; expected `name; parameter=value, ..`")]
pub struct MalformedExtensions {
    /// What stands where the list goes wrong; empty at its end.
    pub seen: String,
}

/// Reads a list of extensions; `values` are those of the `Sec-WebSocket-Extensions` headers, which
/// count as one list.
///
/// Empty elements are passed over (RFC 9110, section 5.6.1), but for a list of nothing else.
///
/// # Errors
/// [`MalformedExtensions`] where the grammar is broken.
pub fn read_extensions<'h>(
    values: impl IntoIterator<Item = &'h [u8]>,
) -> Result<Vec<Extension<'h>>, MalformedExtensions> {
    let mut extensions = Vec::new();
    for value in values {
        let before = extensions.len();
        let mut list = List { rest: value.trim_ascii() };
        while !list.rest.is_empty() {
            if !list.eats(b',') {
                extensions.push(list.extension()?);
            }
        }
        if extensions.len() == before {
            return Err(list.malformed());
        }
    }
    Ok(extensions)
}

/// What is left of a list. Whitespace in front of it is always passed over.
struct List<'h> {
    rest: &'h [u8],
}

impl<'h> List<'h> {
    /// Takes an extension with its parameters; a comma or the end follows.
    fn extension(&mut self) -> Result<Extension<'h>, MalformedExtensions> {
        let name = self.token()?;
        let mut parameters = Vec::new();
        while self.eats(b';') {
            let name = self.token()?;
            let value = if self.eats(b'=') { Some(self.value()?) } else { None };
            parameters.push(Parameter { name, value });
        }
        match self.rest.first() {
            None | Some(b',') => Ok(Extension { name, parameters }),
            Some(_) => Err(self.malformed()),
        }
    }

    fn eats(&mut self, byte: u8) -> bool {
        let Some(rest) = self.rest.strip_prefix(&[byte]) else { return false };
        self.rest = rest.trim_ascii_start();
        true
    }

    fn token(&mut self) -> Result<&'h str, MalformedExtensions> {
        let end = self.rest.iter().position(|byte| b" \t,;=\"".contains(byte));
        let (token, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        let token = str::from_utf8(token).ok().filter(|token| is_token(token));
        let token = token.ok_or_else(|| self.malformed())?;
        self.rest = rest.trim_ascii_start();
        Ok(token)
    }

    /// A token, or one in quotes.
    fn value(&mut self) -> Result<Cow<'h, str>, MalformedExtensions> {
        let Some(quoted) = self.rest.strip_prefix(b"\"") else {
            return self.token().map(Cow::from);
        };
        let mut value = String::new();
        let mut bytes = quoted.iter();
        loop {
            match bytes.next() {
                Some(b'"') => break,
                Some(b'\\') => value.extend(bytes.next().map(|byte| char::from(*byte))),
                Some(byte) => value.push(char::from(*byte)),
                None => return Err(self.malformed()),
            }
        }
        if !is_token(&value) {
            return Err(self.malformed());
        }
        self.rest = bytes.as_slice().trim_ascii_start();
        Ok(value.into())
    }

    fn malformed(&self) -> MalformedExtensions {
        MalformedExtensions { seen: shown(self.rest) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Spells what was read in one way, to compare: `name;parameter=value`, joined by commas.
    fn read(values: &[&str]) -> Result<String, String> {
        let values = values.iter().map(|value| value.as_bytes());
        let extensions = read_extensions(values).map_err(|malformed| malformed.seen)?;
        let spell = |extension: &Extension<'_>| {
            let parameters = extension.parameters.iter().map(|parameter| match &parameter.value {
                Some(value) => format!(";{}={value}", parameter.name),
                None => format!(";{}", parameter.name),
            });
            extension.name.to_owned() + &parameters.collect::<String>()
        };
        Ok(extensions.iter().map(spell).collect::<Vec<_>>().join(","))
    }

    #[test]
    fn lists_are_read_however_they_are_spaced() {
        for (values, expected) in [
            (&[][..], ""),
            (&["foo"], "foo"),
            (&["foo, bar; baz=2"], "foo,bar;baz=2"),
            (&["foo", "bar; baz=2"], "foo,bar;baz=2"),
            (&[" foo ;a ; b = 1\t,\tbar "], "foo;a;b=1,bar"),
            (&["foo;a=\"1\""], "foo;a=1"),
            (&[r#"foo;a="\1\0""#], "foo;a=10"),
            (&["foo;a;a=1;a"], "foo;a;a=1;a"),
            (&["foo,foo"], "foo,foo"),
            (&[",, foo,, ,bar,"], "foo,bar"),
        ] {
            assert_eq!(read(values).as_deref(), Ok(expected), "{values:?}");
        }
    }

    #[test]
    fn what_breaks_the_grammar_is_shown_from_there_on() {
        for (values, seen) in [
            (&[""][..], ""),
            (&[" , "], ""),
            (&["foo", ""], ""),
            (&["foo;"], ""),
            (&["foo; ,bar"], ",bar"),
            (&["foo;;a"], ";a"),
            (&["foo;=1"], "=1"),
            (&["foo;a="], ""),
            (&["foo;a=;b"], ";b"),
            (&["foo;a==1"], "=1"),
            (&["foo;a=1=2"], "=2"),
            (&["foo=1"], "=1"),
            (&["foo bar"], "bar"),
            (&["foo;a b"], "b"),
            (&["foo;a=1 2"], "2"),
            (&["\"foo\""], "\\\"foo\\\""),
            (&["foo;a=\"1"], "\\\"1"),
            (&["foo;a=\"1\\"], "\\\"1\\\\"),
            (&["foo;a=\"\""], "\\\"\\\""),
            (&["foo;a=\"1 2\""], "\\\"1 2\\\""),
            (&["foo;a=\"1\"2"], "2"),
            (&["foo;a=é"], "\\xc3\\xa9"),
            (&["f(o)o"], "f(o)o"),
        ] {
            assert_eq!(read(values), Err(seen.to_owned()), "{values:?}");
        }
    }
}
