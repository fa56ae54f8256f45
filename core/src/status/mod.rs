//! Status: the actions by which a server tells how it is, to those who run it.
//!
//! They are actions as any other, and read what `figures` has counted and what the engine holds.

mod exposition;
mod health;
mod metrics;
mod process;

pub use health::Health;
pub use metrics::Metrics;
