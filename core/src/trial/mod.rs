//! Trials: actions tested without a socket, on a clock the test moves.
//!
//! A trial is one viewer of the real server on a simulated network: the same lifecycle, the same
//! bytes, the same deadlines, and hours in milliseconds. [`Trial::start`] tries one action;
//! a [`World`] holds several viewers, actions and services.
//!
//! ```
//! use crampon::prelude::*;
//! use crampon::trial::Trial;
//!
//! #[action(transport = sse)]
//! #[derive(Default)]
//! struct Clock { ticks: u32 }
//!
//! #[callbacks]
//! impl Clock {
//!     #[periodic_timer(every = "1s")]
//!     fn tick(&mut self, cx: &mut Context<Self>) {
//!         self.ticks += 1;
//!         cx.render(format!("tick {}", self.ticks));
//!     }
//! }
//!
//! let mut clock = Trial::start(Clock::default());
//! clock.expect_nothing();
//! clock.advance(Duration::from_secs(2)).expect_render("tick 1").expect_render("tick 2");
//! clock.hang_up();
//! clock.advance(Duration::from_secs(60)).expect_nothing();
//! clock.expect_finish(FinishReason::Disconnected { code: None });
//! ```

mod ear;
mod heard;
mod viewer;
mod visit;
mod world;

pub use heard::Heard;
pub use viewer::Trial;
pub use visit::Visit;
pub use world::World;
