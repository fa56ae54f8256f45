//! Origins: the pages whose scripts may speak to an action.

use std::borrow::Cow;

use crate::protocol::http::{Origin, PatternFault};

/// The pages that may open an action's sockets and event streams, and post to it, with their
/// viewer's cookies.
///
/// Browsers say where a request comes from, and let every page of the web open a socket anywhere;
/// only the server can refuse. What comes without an `Origin` comes from no page of another site,
/// and is let in.
///
/// ```
/// use crampon::prelude::*;
///
/// /// Speaks to the pages of this server, and of the app.
/// #[action(
///     transport = websocket | sse,
///     origins = "https://app.example" | "https://*.example.org",
/// )]
/// struct Live;
///
/// #[callbacks]
/// impl Live {}
///
/// # fn main() -> crampon::Result<()> {
/// // What actions without a word of their own go by:
/// let server = Server::bind("127.0.0.1:0")?.origins(["https://app.example"]);
/// let open = Server::bind("127.0.0.1:0")?.origins(Origins::Any);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Origins {
    /// Those this server itself serves: the authority of the origin is the request's host.
    #[default]
    Own,
    /// Those, and the pages of these origins: `https://app.example`, with the port if it is not the
    /// scheme's own. `https://*.example.org` names all below a host, not the host itself.
    Listed(Cow<'static, [Cow<'static, str>]>),
    /// All there are, those without a name (`null`) among them.
    Any,
}

impl Origins {
    /// Whether they name this origin; one that could not be read is `None`. A server's own are
    /// known by the host of the request, not here.
    pub(crate) fn name(&self, origin: Option<&Origin<'_>>) -> bool {
        match self {
            Self::Own => false,
            Self::Any => true,
            Self::Listed(patterns) => origin
                .is_some_and(|origin| patterns.iter().any(|pattern| origin.is_named_by(pattern))),
        }
    }

    /// Whether every pattern can name an origin.
    ///
    /// # Errors
    /// The first that cannot, and why.
    pub(crate) fn check(&self) -> Result<(), (&str, PatternFault)> {
        let Self::Listed(patterns) = self else { return Ok(()) };
        patterns.iter().try_for_each(|pattern| {
            Origin::check_pattern(pattern).map_err(|fault| (&**pattern, fault))
        })
    }
}

impl<T: Into<Cow<'static, str>>, const N: usize> From<[T; N]> for Origins {
    fn from(patterns: [T; N]) -> Self {
        Self::Listed(patterns.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Cow<'static, str>>> From<Vec<T>> for Origins {
    fn from(patterns: Vec<T>) -> Self {
        Self::Listed(patterns.into_iter().map(Into::into).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_name_those_they_list_and_nobody_who_cannot_be_read() {
        let listed = Origins::from(["https://a.example", "https://*.b.example"]);
        for (origins, origin, is_named) in [
            (&Origins::Own, "https://a.example", false),
            (&Origins::Any, "https://a.example", true),
            (&Origins::Any, "null", true),
            (&listed, "https://a.example", true),
            (&listed, "https://c.b.example", true),
            (&listed, "https://c.example", false),
            (&listed, "null", false),
        ] {
            let read = Origin::parse(origin.as_bytes());
            assert_eq!(origins.name(read.as_ref()), is_named, "{origin} in {origins:?}");
        }
    }

    #[test]
    fn a_list_with_a_slip_is_told_which() {
        let listed = Origins::from(vec!["https://a.example".to_owned(), "b.example".to_owned()]);
        assert_eq!(listed.check(), Err(("b.example", PatternFault::NoScheme)));
        assert_eq!(Origins::Any.check(), Ok(()));
    }
}
