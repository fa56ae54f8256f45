//! A form: a short urlencoded body, read before its action is made, so that its fields are
//! parameters.

use super::arrived::Arrived;
use super::exchange::has_body_for_actions;
use super::route::Route;
use crate::protocol::http::{BodyDecoder, BodyLength, RequestHead};
use crate::reactor::Scope;
use crate::server::connection::Phase;
use crate::server::connection::flow::Flow;
use crate::server::connection::inbox::BodyReading;
use crate::server::engine::Engine;

/// A form being read before its action is made.
pub(crate) struct FormReading {
    pub head: RequestHead,
    pub route: Route,
    pub decoder: BodyDecoder,
    pub bytes: Vec<u8>,
    pub flow: Flow,
}

impl Engine {
    /// Reads an urlencoded body before the action is made, so that its fields are parameters.
    pub(crate) fn read_form_first(
        &mut self,
        key: usize,
        head: RequestHead,
        route: Route,
        scope: &mut Scope<'_>,
    ) {
        let declaration = route.target.endpoint.declaration();
        let declared = declaration.body_bytes_max;
        let body_bytes_max = declared.unwrap_or(self.limits.body_bytes_max);
        let bytes_max = body_bytes_max.max(self.limits.form_bytes_max);
        match BodyDecoder::new(head.body(), bytes_max as u64) {
            Err(fault) => {
                let asked = self.asked(&head, Some(declaration));
                self.refuse_fault(key, &asked, &fault, scope);
            }
            Ok(decoder) => {
                self.send_continue(key, scope);
                let flow = Flow::new(self.now);
                let connection = &mut self.connections[key];
                connection.take_body_length();
                let form = FormReading { head, route, decoder, bytes: Vec::new(), flow };
                connection.inbox().form = Some(Box::new(form));
                connection.phase = Phase::Form;
            }
        }
    }

    pub(crate) fn start_with_form(&mut self, key: usize, form: FormReading, scope: &mut Scope<'_>) {
        let FormReading { head, route, bytes, .. } = form;
        self.start(key, head, route, Arrived::Form(&bytes), scope);
    }

    /// A form in chunks has grown too long for one: it goes on as any other body.
    pub(crate) fn start_with_long_form(
        &mut self,
        key: usize,
        form: FormReading,
        scope: &mut Scope<'_>,
    ) {
        let FormReading { head, route, decoder, bytes, flow } = form;
        let body = BodyReading { decoder, bytes, is_streamed: false, flow };
        self.connections[key].inbox().body = Some(body);
        self.start(key, head, route, Arrived::Part, scope);
    }
}

/// Whether a body is a form, and short enough to be read first.
pub(crate) fn is_form(head: &RequestHead, body: BodyLength, bytes_max: usize) -> bool {
    let is_short = match body {
        BodyLength::None => false,
        BodyLength::Length(length) => length <= bytes_max as u64,
        // How long it is shows while it is read.
        BodyLength::Chunked => true,
    };
    let is_urlencoded = || {
        head.header("content-type").is_some_and(|value| {
            // Most are too short to be looked at.
            value.len() >= URLENCODED.len()
                && std::str::from_utf8(value).is_ok_and(|value| {
                    let essence = value.split(';').next().unwrap_or_default().trim();
                    essence.eq_ignore_ascii_case(URLENCODED)
                })
        })
    };
    is_short && has_body_for_actions(head.method()) && is_urlencoded()
}

/// The type of a form's body.
const URLENCODED: &str = "application/x-www-form-urlencoded";
