//! The methods of RFC 9110 and RFC 5789, of which a head keeps only which it is.

use http::Method;

/// The methods that have a place, those asked by most first.
///
/// A `Method` has room for others, and so takes three times what a reference does.
pub(super) static STANDARD: [Method; 8] = [
    Method::GET,
    Method::POST,
    Method::HEAD,
    Method::OPTIONS,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
    Method::TRACE,
];

/// The place of a method among the [`STANDARD`] ones; `None` for any other.
#[inline]
pub(super) fn place(method: &[u8]) -> Option<u8> {
    Some(match method {
        b"GET" => 0,
        b"POST" => 1,
        b"HEAD" => 2,
        b"OPTIONS" => 3,
        b"PUT" => 4,
        b"PATCH" => 5,
        b"DELETE" => 6,
        b"TRACE" => 7,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_that_of_its_method() {
        for (at, method) in STANDARD.iter().enumerate() {
            assert_eq!(place(method.as_str().as_bytes()).map(usize::from), Some(at), "{method}");
        }
        for other in ["", "get", "GE", "GETS", "BREW", "CONNECT"] {
            assert_eq!(place(other.as_bytes()), None, "{other}");
        }
    }
}
