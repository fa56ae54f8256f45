//! What an action may ask about the request it answers.

use std::borrow::Cow;
use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use http::Method;

use super::super::request::missing;
use super::super::{Action, Halt, Request};
use super::Context;

impl<A: Action> Context<A> {
    /// The request.
    pub fn request(&self) -> &Request {
        self.desk.request.as_ref().expect("an action is made for a request")
    }

    /// The request's method.
    pub fn method(&self) -> &Method {
        self.request().head().method()
    }

    /// The path of the request's target, still percent-encoded.
    pub fn path(&self) -> &str {
        self.request().head().path()
    }

    /// A header of the request, the first of that name, if it is visible text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.request().header(name)
    }

    /// A cookie of the request.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.request().cookie(name)
    }

    /// Who asks: the peer of the connection, or behind a proxy that is
    /// [trusted](crate::Server::trust_proxies) its client. `None` on a Unix socket.
    pub fn remote_addr(&self) -> Option<SocketAddr> {
        self.request().remote_addr()
    }

    /// The scheme the viewer asked by, `http` or `https`; a trusted proxy tells.
    pub fn scheme(&self) -> &'static str {
        self.request().scheme()
    }

    /// The host, and port, the viewer asked for; a trusted proxy may tell another than `Host`.
    pub fn host(&self) -> Option<&str> {
        self.request().host()
    }

    /// A parameter: the route's beats the form's beats the query's.
    ///
    /// # Errors
    /// A halt with 400 if it is missing or does not read as a `T`; with 404 if it is part of the
    /// path and does not.
    pub fn param<T>(&self, name: &str) -> Result<T, Halt>
    where
        T: FromStr,
        T::Err: fmt::Display,
    {
        self.request().param(name)?.ok_or_else(|| missing(name))
    }

    /// A parameter, or `default` if it is missing.
    ///
    /// # Errors
    /// As [`param`](Self::param), if it is there and does not read as a `T`.
    pub fn param_or<T>(&self, name: &str, default: T) -> Result<T, Halt>
    where
        T: FromStr,
        T::Err: fmt::Display,
    {
        Ok(self.request().param(name)?.unwrap_or(default))
    }

    /// A parameter, or `None` if it is missing.
    ///
    /// # Errors
    /// As [`param`](Self::param), if it is there and does not read as a `T`.
    pub fn param_opt<T>(&self, name: &str) -> Result<Option<T>, Halt>
    where
        T: FromStr,
        T::Err: fmt::Display,
    {
        self.request().param(name)
    }

    /// A parameter as text, if it is there.
    pub fn param_text(&self, name: &str) -> Option<Cow<'_, str>> {
        self.request().param_text(name)
    }

    /// The id of the last event a reconnecting client has seen: the header `Last-Event-ID`, else
    /// the query parameter `last-event-id`.
    ///
    /// `None` too if it is no `T` but a cursor of the server's own, which a numbered channel gives
    /// before its first event.
    ///
    /// # Errors
    /// A halt with 400 if it is neither.
    pub fn last_event_id<T>(&self) -> Result<Option<T>, Halt>
    where
        T: FromStr,
        T::Err: fmt::Display,
    {
        self.request().last_event_id()
    }
}
