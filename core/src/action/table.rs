//! The table of an action's callbacks: what `#[callbacks]` writes, and what the lifecycle reads.
//!
//! It is data and nothing else. One can write it by hand in a few lines.

use std::time::Duration;

use super::{Context, Data, Gap, Message, Outcome, Part};

/// An action's or a service's callbacks: the class body.
///
/// `#[callbacks]` on the impl block writes this. By hand it is one constant:
///
/// ```
/// use crampon::action::{Callback, Callbacks, Context, Place, Table};
///
/// struct Hello;
///
/// impl Callbacks for Hello {
///     const TABLE: Table<Self> = Table {
///         on_start: &[Callback {
///             name: "greet",
///             place: Place { file: file!(), line: line!() },
///             call: |hello, cx| {
///                 hello.greet(cx);
///                 Ok(())
///             },
///         }],
///         ..Table::EMPTY
///     };
/// }
///
/// impl Hello {
///     fn greet(&mut self, _cx: &mut Context<Self>) {}
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no callbacks",
    label = "this type has no `#[callbacks]` block",
    note = "write `#[callbacks]` above an `impl {Self}` block, even an empty one"
)]
pub trait Callbacks: Sized + 'static {
    /// The callbacks, each list in the order of declaration.
    const TABLE: Table<Self>;
}

/// The callbacks of one action or service, each list in the order of declaration.
pub struct Table<A: 'static> {
    /// Run before anything is on the wire; each may refuse.
    pub before_start: &'static [Callback<Step<A>>],
    /// Run once when the action has started.
    pub on_start: &'static [Callback<Step<A>>],
    /// Run for every message or body that arrives.
    pub on_data: &'static [Callback<Receive<A>>],
    /// Run for every part of a long message or body, as it arrives.
    pub on_part: &'static [Callback<ReceivePart<A>>],
    /// Run for every message published on a channel the action subscribed to.
    pub on_message: &'static [Callback<Hear<A>>],
    /// Run when something was said that the viewer has not heard and will not hear.
    pub on_gap: &'static [Callback<Miss<A>>],
    /// Run when a viewer who was behind has taken all that waited for it.
    pub on_drain: &'static [Callback<Step<A>>],
    /// Run when the server stops, before the action or service is ended.
    pub on_stop: &'static [Callback<Step<A>>],
    /// Run exactly once at the end of an action that had started.
    pub on_finish: &'static [Callback<Step<A>>],
    /// Armed when the action has started.
    pub timers: &'static [PeriodicTimer<A>],
}

impl<A> Table<A> {
    /// No callbacks at all.
    pub const EMPTY: Self = Self {
        before_start: &[],
        on_start: &[],
        on_data: &[],
        on_part: &[],
        on_message: &[],
        on_gap: &[],
        on_drain: &[],
        on_stop: &[],
        on_finish: &[],
        timers: &[],
    };

    /// Whether the action takes a request body or messages.
    pub const fn takes_data(&self) -> bool {
        !self.on_data.is_empty() || !self.on_part.is_empty()
    }
}

/// A callback without an argument of its own.
pub type Step<A> = fn(&mut A, &mut Context<A>) -> Outcome;
/// A callback that takes one whole message or body.
pub type Receive<A> = fn(&mut A, &mut Context<A>, Data<'_>) -> Outcome;
/// A callback that takes a part of a message or body.
pub type ReceivePart<A> = fn(&mut A, &mut Context<A>, Part<'_>) -> Outcome;
/// A callback that hears a published message.
pub type Hear<A> = fn(&mut A, &mut Context<A>, &Message) -> Outcome;
/// A callback that hears of a gap.
pub type Miss<A> = fn(&mut A, &mut Context<A>, &Gap) -> Outcome;

/// One callback: what it is called, where it stands, and the call.
#[derive(Clone, Copy, Debug)]
pub struct Callback<F> {
    /// The method's name.
    pub name: &'static str,
    /// Where the method stands in the source.
    pub place: Place,
    /// The method, its argument converted.
    pub call: F,
}

/// A line of somebody's source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, as the compiler was given it.
    pub file: &'static str,
    /// The line, counted from one.
    pub line: u32,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// A callback that runs at a fixed rate while its action lives.
pub struct PeriodicTimer<A: 'static> {
    /// What runs.
    pub callback: Callback<Step<A>>,
    /// How often.
    pub every: Every<A>,
}

/// The interval of a periodic timer.
pub enum Every<A: 'static> {
    /// Written in the attribute: `every = "15s"`.
    Fixed(Duration),
    /// Asked of the action when the timer is armed: `every = Self::pace`.
    Asked(fn(&A) -> Duration),
}
