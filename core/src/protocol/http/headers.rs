//! The headers of an answer that is being made: names behind names, values behind values.
//!
//! A map would look them up faster, and take several blocks of the heap for the two or three there
//! are.

use super::header::Header;

/// Headers to be sent, in the order they were said in, their names in lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers {
    names: String,
    values: Vec<u8>,
    /// Where the name and the value of each end.
    ends: Vec<(usize, usize)>,
}

impl Headers {
    /// None so far.
    pub const fn new() -> Self {
        Self { names: String::new(), values: Vec::new(), ends: Vec::new() }
    }

    /// Adds one, besides those of its name.
    pub fn append(&mut self, header: Header<'_>) {
        let start = self.names.len();
        self.names.push_str(header.name());
        self.names[start..].make_ascii_lowercase();
        self.values.extend_from_slice(header.value());
        self.ends.push((self.names.len(), self.values.len()));
    }

    /// Adds one in the stead of those of its name.
    pub fn insert(&mut self, header: Header<'_>) {
        self.remove(header.name());
        self.append(header);
    }

    /// Drops those of this name, in any case.
    pub fn remove(&mut self, name: &str) {
        if self.has(name) {
            let mut kept = Self::default();
            let others = self.iter().filter(|header| !header.name().eq_ignore_ascii_case(name));
            others.for_each(|header| kept.append(header));
            *self = kept;
        }
    }

    /// Whether there is one of this name, in any case.
    pub fn has(&self, name: &str) -> bool {
        self.iter().any(|header| {
            let known = header.name();
            // As a whole first: ours are all in lower case, and so are most that are looked up.
            known.len() == name.len() && (known == name || known.eq_ignore_ascii_case(name))
        })
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = Header<'_>> {
        self.ends.iter().scan((0, 0), |starts, ends| {
            let (name, value) = std::mem::replace(starts, *ends);
            Some(Header::of_parts(&self.names[name..ends.0], &self.values[value..ends.1]))
        })
    }

    /// Whether they take so little room that it may be kept for others.
    pub fn are_small(&self) -> bool {
        self.names.capacity() + self.values.capacity() <= SMALL_BYTES
    }

    /// Drops all, and keeps the room for others.
    pub fn clear(&mut self) {
        self.names.clear();
        self.values.clear();
        self.ends.clear();
    }
}

/// Bytes of a few headers, one of them long: a cookie, a policy.
const SMALL_BYTES: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_takes_the_place_of_those_of_its_name_or_stands_beside_them() {
        let mut headers = Headers::default();
        let lines = |headers: &Headers| -> Vec<String> {
            let text = |header: Header<'_>| String::from_utf8_lossy(header.value()).into_owned();
            headers.iter().map(|it| format!("{}: {}", it.name(), text(it))).collect()
        };
        headers.append(Header::of("vary", "a"));
        headers.append(Header::of("x", "1"));
        headers.append(Header::of("Vary", "b"));
        assert_eq!(lines(&headers), ["vary: a", "x: 1", "vary: b"]);
        headers.insert(Header::of("x", ""));
        assert_eq!(lines(&headers), ["vary: a", "vary: b", "x: "]);
        headers.insert(Header::of("vary", "c"));
        assert_eq!(lines(&headers), ["x: ", "vary: c"]);
        assert!(headers.has("VARY") && !headers.has("var"));
        headers.clear();
        assert_eq!(lines(&headers), [""; 0]);
    }
}
