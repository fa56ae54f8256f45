//! Time: what is due when, and how much in how long.

pub mod calendar;
pub mod deadlines;
pub mod moment;
pub mod pace;
pub mod patience;
pub mod watching;
