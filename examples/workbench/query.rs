//! What the query may leave out.

use std::fmt::Display;
use std::str::FromStr;

use crampon::action::Action;
use crampon::prelude::*;

/// A parameter, if it is there.
pub fn optional<A: Action, T>(cx: &Context<A>, name: &str) -> Result<Option<T>, Halt>
where
    T: FromStr,
    T::Err: Display,
{
    if cx.param_text(name).is_none() {
        return Ok(None);
    }
    cx.param(name).map(Some)
}

/// A parameter in milliseconds, if it is there.
pub fn millis<A: Action>(cx: &Context<A>, name: &str) -> Result<Option<Duration>, Halt> {
    Ok(optional(cx, name)?.map(Duration::from_millis))
}
