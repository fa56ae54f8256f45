//! CORS: the pages of other origins whose scripts may read an action's answers (the Fetch standard,
//! section 3.3).

use std::borrow::Cow;
use std::time::Duration;

use super::Origins;
use crate::protocol::http::{Origin, Sharing};

/// The pages of other origins whose scripts may ask an action over HTTP and read what it says.
///
/// A browser runs the request of another site's script, and shows it the answer only if that says
/// so. An action declares it in one word, a server for all that declare none, its files among
/// them; every answer says it then, a refusal too, and the browser's question before a request
/// that is not simple (the *preflight*, an `OPTIONS`) is answered without an action.
///
/// ```
/// use crampon::prelude::*;
///
/// #[action(
///     transport = sse | long_polling,
///     cors(origins = "https://app.example", credentials, headers = "x-token", max_age = "1h"),
/// )]
/// struct Feed;
///
/// #[callbacks]
/// impl Feed {}
///
/// # fn main() -> crampon::Result<()> {
/// let fonts = Server::bind("127.0.0.1:0")?.cors(Cors::new(Origins::Any));
/// # Ok(())
/// # }
/// ```
///
/// These pages are not refused as foreign where an action has [`Origins`], either: over HTTP as
/// long as no cookies come with the request, and altogether if they may have their viewer's
/// `credentials`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cors {
    /// The pages; `None` for those of the action's (or else the server's) [`Origins`].
    pub origins: Option<Origins>,
    /// Whether their viewer's cookies may come with the request. It takes pages that are named:
    /// where any may read, none may with credentials.
    pub has_credentials: bool,
    /// Headers their requests may have, as a comma list, besides those that always may:
    /// `content-type`, `if-none-match` and `last-event-id`.
    pub headers: Cow<'static, str>,
    /// Headers of answers they may read, as a comma list, besides those that always may be: `etag`,
    /// `last-event-id`, `retry-after`, and the few the standard lists.
    pub exposed: Cow<'static, str>,
    /// How long a browser may remember the answer to its preflight.
    pub max_age: Duration,
}

/// Headers every script that may ask may send: what the browser's client sends to post JSON and to
/// resume. They give nobody who may ask more than asking does.
pub(crate) const ALLOWED_HEADERS: &str = "content-type, if-none-match, last-event-id";

impl Cors {
    /// How long a browser may remember the answer to its preflight, unless it is said.
    ///
    /// 1 h: once a visit. Chromium forgets after two in any case.
    pub const MAX_AGE: Duration = Duration::from_secs(60 * 60);

    /// Lets scripts of these pages read, without their viewer's cookies.
    pub fn new(origins: impl Into<Origins>) -> Self {
        Self {
            origins: Some(origins.into()),
            has_credentials: false,
            headers: Cow::Borrowed(""),
            exposed: Cow::Borrowed(""),
            max_age: Self::MAX_AGE,
        }
    }

    /// Lets their viewer's cookies come with the request.
    #[must_use]
    pub fn credentials(self) -> Self {
        Self { has_credentials: true, ..self }
    }

    /// Lets requests have these headers, a comma list.
    #[must_use]
    pub fn headers(self, names: impl Into<Cow<'static, str>>) -> Self {
        Self { headers: names.into(), ..self }
    }

    /// Lets scripts read these headers of answers, a comma list.
    #[must_use]
    pub fn exposed(self, names: impl Into<Cow<'static, str>>) -> Self {
        Self { exposed: names.into(), ..self }
    }

    /// Has browsers remember the answer to their preflight for this long.
    #[must_use]
    pub fn max_age(self, age: Duration) -> Self {
        Self { max_age: age, ..self }
    }

    /// Whether it can be sent: origins that are some, and lists of header names.
    ///
    /// # Errors
    /// What is wrong, and what would be right.
    pub(crate) fn check(&self) -> Result<(), String> {
        if let Some(origins) = &self.origins {
            origins.check().map_err(|(pattern, fault)| fault.explain(pattern))?;
        }
        if self.has_credentials && self.origins == Some(Origins::Any) {
            return Err(ANY_WITH_CREDENTIALS.to_owned());
        }
        for list in [&self.headers, &self.exposed].into_iter().filter(|list| !list.is_empty()) {
            for name in list.split(',').map(str::trim) {
                if http::HeaderName::from_bytes(name.as_bytes()).is_err() {
                    let name = name.escape_debug();
                    return Err(format!("`{name}` is no header's name; write `x-token, x-page`"));
                }
            }
        }
        Ok(())
    }

    /// Whether pages of other origins may read at all.
    pub(crate) fn shares(&self, declared: &Origins) -> bool {
        *self.readers(declared) != Origins::Own
    }

    fn readers<'a>(&'a self, declared: &'a Origins) -> &'a Origins {
        self.origins.as_ref().unwrap_or(declared)
    }

    /// Whether the viewer's cookies are shared, with pages that are named.
    fn shares_credentials(&self, declared: &Origins) -> bool {
        self.has_credentials && matches!(self.readers(declared), Origins::Listed(_))
    }

    /// Whether a request from this page may be served: one with cookies, or for a socket, only if
    /// it may have its viewer's credentials.
    pub(crate) fn admits(
        &self,
        declared: &Origins,
        origin: Option<&Origin<'_>>,
        takes_credentials: bool,
    ) -> bool {
        self.readers(declared).name(origin)
            && (!takes_credentials || self.shares_credentials(declared))
    }

    /// What an answer says to a request from this `Origin`, or from none.
    pub(crate) fn answer<'a>(
        &'a self,
        declared: &Origins,
        origin: Option<&'a [u8]>,
    ) -> Sharing<'a> {
        let exposed = &*self.exposed;
        let readers = self.readers(declared);
        match readers {
            Origins::Own => Sharing::default(),
            Origins::Any => Sharing { origin: Some(b"*"), exposed, ..Sharing::default() },
            Origins::Listed(_) => Sharing {
                origin: origin.filter(|origin| readers.name(Origin::parse(origin).as_ref())),
                varies: true,
                has_credentials: self.has_credentials,
                exposed,
            },
        }
    }
}

const ANY_WITH_CREDENTIALS: &str = "every page of the web would read with its viewer's cookies; \
                                    name the pages: `Cors::new([\"https://app.example\"])`";

#[cfg(test)]
mod tests {
    use super::*;

    const APP: &[u8] = b"https://app.example";

    #[test]
    fn the_origin_itself_is_named_and_a_star_never_with_credentials() {
        let listed = Cors::new(["https://app.example"]);
        let any = Cors::new(Origins::Any);
        let of_action = Cors { origins: None, ..listed.clone() };
        let (own, app) = (Origins::Own, Origins::from(["https://app.example"]));
        for (cors, declared, origin, named, varies, has_credentials) in [
            (listed.clone(), &own, Some(APP), Some(APP), true, false),
            (listed.clone().credentials(), &own, Some(APP), Some(APP), true, true),
            (listed.clone(), &own, Some(&b"https://b.example"[..]), None, true, false),
            (listed.clone(), &own, Some(&b"null"[..]), None, true, false),
            (listed, &own, None, None, true, false),
            (any.clone(), &own, Some(APP), Some(&b"*"[..]), false, false),
            (any.clone().credentials(), &own, Some(APP), Some(&b"*"[..]), false, false),
            (any, &own, None, Some(&b"*"[..]), false, false),
            (of_action.clone(), &own, Some(APP), None, false, false),
            (of_action, &app, Some(APP), Some(APP), true, false),
        ] {
            let answer = cors.answer(declared, origin);
            let said = (answer.origin, answer.varies, answer.has_credentials);
            assert_eq!(said, (named, varies, has_credentials), "{cors:?} {origin:?}");
        }
    }

    #[test]
    fn who_may_read_without_cookies_is_served_without_them() {
        let (own, app) = (Origins::Own, Origin::parse(APP));
        for (cors, without, with) in [
            (Cors::new(["https://app.example"]), true, false),
            (Cors::new(["https://app.example"]).credentials(), true, true),
            (Cors::new(["https://b.example"]).credentials(), false, false),
            (Cors::new(Origins::Any), true, false),
            (Cors::new(Origins::Any).credentials(), true, false),
            (Cors::new(Origins::Own).credentials(), false, false),
        ] {
            assert_eq!(cors.admits(&own, app.as_ref(), false), without, "{cors:?}");
            assert_eq!(cors.admits(&own, app.as_ref(), true), with, "{cors:?}");
        }
    }
}
