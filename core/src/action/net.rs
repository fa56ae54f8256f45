//! The net under the user's code: what falls into it is caught, and logged.

use std::any::Any;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};

use super::{Call, Failure, Place};

/// Runs code of the user; a panic becomes a failure.
pub(super) fn caught<T>(body: impl FnOnce() -> T) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(body)).map_err(|panic| Failure::Panic(panic_text(&*panic)))
}

/// Does what may drop something an application has made, and whose end may panic.
pub(crate) fn drop_net(action: &'static str, body: impl FnOnce()) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(body)) {
        let text = panic_text(&*panic);
        tracing::error!(action, "something of an action panicked when it was dropped: {text}");
    }
}

/// Logs why a callback failed, and where it stands.
pub(super) fn log_failure(call: Call, failure: &Failure) {
    tracing::error!(
        action = call.action,
        callback = call.callback,
        at = %call.place,
        "{failure}"
    );
}

/// A place the compiler noted, as one of ours.
pub(super) fn place_of(location: &'static Location<'static>) -> Place {
    Place { file: location.file(), line: location.line() }
}

/// What a panic said, if it said it in words.
pub(crate) fn panic_text(payload: &(dyn Any + Send)) -> String {
    let said = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    said.or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "without a message".to_owned())
}
