//! What a callback returns: nothing, or a `Result` with any error that can be shown.

use std::any::Any;
use std::fmt;

use super::Halt;

/// The result of one callback.
pub type Outcome = Result<(), Failure>;

/// Why a callback failed.
pub enum Failure {
    /// It refused the request with an answer of its own.
    Halt(Halt),
    /// What arrived was not what it takes; no code of the user ran.
    Rejected(super::Rejection),
    /// It returned an error, shown here as its author shows it.
    Error(String),
    /// It panicked, with this message.
    Panic(String),
}

impl Failure {
    /// Takes any error a callback returned.
    pub fn new<E: fmt::Display + 'static>(error: E) -> Self {
        let mut error = Some(error);
        if let Some(halt) = (&mut error as &mut dyn Any).downcast_mut::<Option<Halt>>() {
            return Self::Halt(halt.take().expect("the error was put there just above"));
        }
        Self::Error(error.expect("nothing took it").to_string())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Halt(halt) => halt.fmt(f),
            Self::Rejected(rejection) => rejection.fmt(f),
            Self::Error(text) => f.write_str(text),
            Self::Panic(text) => write!(f, "panicked: {text}"),
        }
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What a callback may return: `()`, or `Result<(), E>` with any `E` that implements `Display`.
#[diagnostic::on_unimplemented(
    message = "a callback cannot return `{Self}`",
    label = "not something a callback returns",
    note = "return nothing, or a `Result<(), E>` whose error implements `Display`"
)]
pub trait IntoOutcome {
    /// Makes it an [`Outcome`].
    ///
    /// # Errors
    /// The callback's own.
    fn into_outcome(self) -> Outcome;
}

impl IntoOutcome for () {
    fn into_outcome(self) -> Outcome {
        Ok(())
    }
}

impl<E: fmt::Display + 'static> IntoOutcome for Result<(), E> {
    fn into_outcome(self) -> Outcome {
        self.map_err(Failure::new)
    }
}
