//! What has arrived of a request's body when its action is made: short ones come in one read with
//! their heads, and are handed over as the action begins, with no place to wait in.

use http::Method;

use super::exchange::has_body_for_actions;
use crate::action::Declaration;
use crate::protocol::http::{BodyLength, RequestHead};
use crate::server::connection::Connection;
use crate::server::limits::Limits;

/// What has arrived of a request's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrived<'a> {
    /// Not all that is known to come. What there is waits where it lies.
    Part,
    /// All of it, be it nothing; what nobody wants of it is dropped.
    Whole(&'a [u8]),
    /// All of a form.
    Form(&'a [u8]),
}

impl<'a> Arrived<'a> {
    /// What has arrived of the body of this head, with these bytes behind it.
    ///
    /// Not all, if it is longer than what is dropped without another thought, if how long it is
    /// shows as it is read, or if its client waits to be told to send it.
    pub fn of(head: &RequestHead, behind: &'a [u8], bytes_max: usize) -> Self {
        let bytes = match head.body() {
            BodyLength::None => return Self::Whole(&[]),
            BodyLength::Length(length) if length <= bytes_max as u64 => length as usize,
            BodyLength::Length(_) | BodyLength::Chunked => return Self::Part,
        };
        match behind.get(..bytes) {
            Some(body) if !head.expects_continue() => Self::Whole(body),
            _ => Self::Part,
        }
    }

    /// Bytes of it, if it is all there.
    pub fn len(self) -> usize {
        match self {
            Self::Part => 0,
            Self::Whole(body) | Self::Form(body) => body.len(),
        }
    }

    /// The fields of a form, as they were sent.
    pub fn form(self) -> &'a [u8] {
        match self {
            Self::Form(form) => form,
            Self::Part | Self::Whole(_) => &[],
        }
    }

    pub fn is_form(self) -> bool {
        matches!(self, Self::Form(_))
    }

    /// What an action that takes bodies may be handed at once.
    pub fn for_action(
        self,
        method: &Method,
        declaration: &Declaration,
        limits: &Limits,
    ) -> Option<&'a [u8]> {
        match self {
            Self::Whole(body) if has_body_for_actions(method) => {
                let bytes_max = declaration.body_bytes_max.unwrap_or(limits.body_bytes_max);
                (body.len() <= bytes_max).then_some(body)
            }
            Self::Form(form) => Some(form),
            Self::Part | Self::Whole(_) => None,
        }
    }

    /// Has it read, or handed over, when its action is ready for it.
    pub fn leave_for_later(self, connection: &mut Connection) {
        match self {
            Self::Form(_) => connection.inbox().has_form = true,
            Self::Whole(body) if !body.is_empty() => {
                connection.inbox().body_length = BodyLength::Length(body.len() as u64);
            }
            Self::Part | Self::Whole(_) => {}
        }
    }
}
