//! Origins: what pages of other sites are refused, and what their scripts may read.
//!
//! A browser sends its viewer's cookies along wherever a page has it ask, and shows the page what
//! comes back only if that is allowed: over a socket always, over HTTP where CORS says so. So what
//! a page can do by asking alone is refused: to open a socket or a stream, and to ask by a method
//! that is to change something. An ordinary GET or a poll is answered, and only its answer kept
//! from the page, by the browser.

use http::Method;

use super::form::FormReading;
use super::reply::Reply;
use super::route::Route;
use crate::action::{ALLOWED_HEADERS, Declaration};
use crate::figures::Refused;
use crate::protocol::http::{Origin, RequestHead};
use crate::reactor::Scope;
use crate::routes::Found;
use crate::server::connection::Asked;
use crate::server::engine::Engine;
use crate::transport::Transport;

impl Engine {
    /// The facts of a request to what is declared so, or to nothing known.
    pub(crate) fn asked(&self, head: &RequestHead, declaration: Option<&Declaration>) -> Asked {
        Asked { shared: self.surroundings.sharing(declaration, head).to_vec(), ..Asked::of(head) }
    }

    /// The facts of a request whose form is being read.
    pub(crate) fn asked_by(&self, form: &FormReading) -> Asked {
        self.asked(&form.head, Some(form.route.target.endpoint.declaration()))
    }

    /// Refuses a page of another site what it may not have, before anything is made for it;
    /// `false` if it is to be served.
    pub(crate) fn keeps_out(
        &mut self,
        key: usize,
        head: &RequestHead,
        route: &Route,
        scope: &mut Scope<'_>,
    ) -> bool {
        if !(route.transport.is_stream() || is_unsafe(head.method())) {
            return false;
        }
        let asker = Asker::of(head);
        if self.may_ask(&asker, head, route) {
            return false;
        }
        let host = host_of(head, route).unwrap_or_default();
        let declaration = route.target.endpoint.declaration();
        tracing::debug!(action = declaration.name, host, "refused: {asker} is foreign here");
        self.surroundings.figures.refused(Refused::ForeignOrigin);
        let reply = Reply::text(403, &format!("{asker} may not speak to `{host}` here"));
        let asked = self.asked(head, Some(declaration));
        self.answer_request(key, &asked, head, reply, scope);
        true
    }

    fn may_ask(&self, asker: &Asker<'_>, head: &RequestHead, route: &Route) -> bool {
        let origin = match asker {
            Asker::Nobody => return true,
            // A form of a page that keeps its address to itself; the browser knows whose it is.
            Asker::Nameless if is_unsafe(head.method()) && is_same_origin(head) => return true,
            Asker::Nameless | Asker::Unreadable | Asker::Elsewhere => None,
            Asker::Page(origin) => Some(origin),
        };
        if origin.is_some_and(|origin| is_own(origin, head, route)) {
            return true;
        }
        let declaration = route.target.endpoint.declaration();
        let origins = self.surroundings.origins_of(Some(declaration));
        let takes_credentials =
            route.transport == Transport::Websocket || head.header("cookie").is_some();
        let cors = self.surroundings.cors_of(Some(declaration));
        origins.name(origin)
            || cors.is_some_and(|cors| cors.admits(origins, origin, takes_credentials))
    }

    /// Answers a browser that asks whether a script may make a request that is not simple; `false`
    /// if this is no such question, or nobody has declared an answer to it.
    pub(crate) fn answers_preflight(
        &mut self,
        key: usize,
        head: &RequestHead,
        allow: &str,
        scope: &mut Scope<'_>,
    ) -> bool {
        if head.method() != Method::OPTIONS {
            return false;
        }
        let (Some(origin), Some(method)) =
            (head.header("origin"), head.header("access-control-request-method"))
        else {
            return false;
        };
        let Ok(method) = Method::from_bytes(method) else { return false };
        let Found::Target(target, _) = self.routes.find(&method, head.path()) else { return false };
        let declaration = target.endpoint.declaration();
        let origins = self.surroundings.origins_of(Some(declaration));
        let cors = self.surroundings.cors_of(Some(declaration));
        let Some(cors) = cors.filter(|cors| cors.shares(origins)) else { return false };
        let asked = self.asked(head, Some(declaration));
        let is_allowed = self.surroundings.sharing(Some(declaration), head).origin.is_some();
        let reply = if is_allowed {
            let own = Some(&*cors.headers).filter(|names| !names.is_empty());
            let reply = Reply::new(204)
                .header("access-control-allow-methods", allow)
                .header("access-control-allow-headers", ALLOWED_HEADERS)
                .header("access-control-max-age", &cors.max_age.as_secs().to_string());
            own.into_iter()
                .fold(reply, |reply, names| reply.header("access-control-allow-headers", names))
        } else {
            let origin = String::from_utf8_lossy(origin);
            tracing::debug!(action = declaration.name, %origin, "a preflight is refused");
            self.surroundings.figures.refused(Refused::ForeignOrigin);
            Reply::text(403, &format!("scripts of `{}` may not ask here", origin.escape_debug()))
        };
        self.answer_request(key, &asked, head, reply, scope);
        true
    }
}

/// Who has a request made, as far as the browser says.
enum Asker<'a> {
    /// No page, or none of another origin: browsers name the others.
    Nobody,
    /// A page of this origin.
    Page(Origin<'a>),
    /// A page whose origin is nobody's business: `null`.
    Nameless,
    /// One that names an origin that is none, or several.
    Unreadable,
    /// A page of another origin that only shows what it asks for, as an image or a script; the
    /// browser does not say which.
    Elsewhere,
}

impl<'a> Asker<'a> {
    fn of(head: &'a RequestHead) -> Self {
        let mut origins = head.header_values("origin");
        match (origins.next(), origins.next()) {
            (None, _) if is_shown_elsewhere(head) => Self::Elsewhere,
            (None, _) => Self::Nobody,
            (Some(b"null"), None) => Self::Nameless,
            (Some(value), None) => Origin::parse(value).map_or(Self::Unreadable, Self::Page),
            (Some(_), Some(_)) => Self::Unreadable,
        }
    }
}

impl std::fmt::Display for Asker<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Nobody => f.write_str("nobody"),
            Self::Page(origin) => write!(f, "a page of `{origin}`"),
            Self::Nameless => f.write_str("a page of the origin `null`"),
            Self::Unreadable => f.write_str("a page whose `Origin` is none"),
            Self::Elsewhere => f.write_str("a page of another site"),
        }
    }
}

/// Whether a page is one that this server itself serves.
fn is_own(origin: &Origin<'_>, head: &RequestHead, route: &Route) -> bool {
    // What came without encryption anyone on the way may have written.
    let is_weaker = route.way.is_secure() && origin.scheme().eq_ignore_ascii_case("http");
    !is_weaker && host_of(head, route).is_some_and(|host| origin.is_of(host))
}

/// The host the viewer asked for.
fn host_of<'a>(head: &'a RequestHead, route: &'a Route) -> Option<&'a str> {
    route.way.host().or_else(|| head.host())
}

/// Whether a method is to change something (RFC 9110, section 9.2.1).
fn is_unsafe(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE)
}

/// Whether the browser itself says that a page of this very origin asks (Fetch Metadata, section
/// 2.3); no script can.
fn is_same_origin(head: &RequestHead) -> bool {
    head.header("sec-fetch-site").is_some_and(|site| site == b"same-origin")
}

/// Whether the browser says that a page of another origin shows this without reading it. A link
/// that is followed is the viewer's own wish.
fn is_shown_elsewhere(head: &RequestHead) -> bool {
    let is_elsewhere = head
        .header("sec-fetch-site")
        .is_some_and(|site| site == b"cross-site" || site == b"same-site");
    is_elsewhere && head.header("sec-fetch-mode").is_some_and(|mode| mode == b"no-cors")
}
