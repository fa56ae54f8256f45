//! What an action or a service may ask about the server that runs it.

use super::super::effect::{Effect, Reply};
use super::{Callbacks, Context, Continuation, IntoOutcome};
use crate::figures::{Gauges, Measured};

impl<A: Callbacks> Context<A> {
    /// Asks what the server holds; `callback` is told at the end of this tick.
    ///
    /// ```
    /// # use crampon::prelude::*;
    /// # use crampon::Gauges;
    /// /// Tells its viewers how many they are.
    /// #[action(transport = sse)]
    /// struct Crowd;
    ///
    /// #[callbacks]
    /// impl Crowd {
    ///     #[on_start]
    ///     #[periodic_timer(every = "1s")]
    ///     fn count(&mut self, cx: &mut Context<Self>) {
    ///         cx.measure(Self::counted);
    ///     }
    ///
    ///     fn counted(&mut self, cx: &mut Context<Self>, gauges: Gauges) {
    ///         cx.render(format!("{} are here", gauges.connections));
    ///     }
    /// }
    ///
    /// let mut crowd = crampon::trial::Trial::start(Crowd);
    /// crowd.expect_render("1 are here");
    /// ```
    #[track_caller]
    pub fn measure<R: IntoOutcome>(
        &mut self,
        callback: impl FnOnce(&mut A, &mut Context<A>, Gauges) -> R + 'static,
    ) {
        self.measure_all(|action, cx, measured| callback(action, cx, measured.gauges));
    }

    /// As [`measure`](Self::measure), with all there is to tell.
    #[track_caller]
    pub(crate) fn measure_all<R: IntoOutcome>(
        &mut self,
        callback: impl FnOnce(&mut A, &mut Context<A>, Measured) -> R + 'static,
    ) {
        let run = Box::new(move |action: &mut A, cx: &mut Self, reply: Reply| {
            let measured = reply.ok().and_then(|reply| reply.downcast::<Measured>().ok());
            let measured = measured.expect("the server always has an answer, and of this type");
            callback(action, cx, *measured).into_outcome()
        });
        let reply = self.await_reply(Continuation::Reply("a closure of `measure`", run));
        self.desk.record(Effect::Measure { reply });
    }
}
