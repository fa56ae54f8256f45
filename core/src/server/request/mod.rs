//! A request: routed, answered, and noted.

pub mod access;
pub mod answer;
pub mod arrived;
pub mod development;
pub mod exchange;
pub mod form;
pub mod head_left;
pub mod origins;
pub mod reply;
pub mod route;
