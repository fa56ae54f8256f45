//! Who arrives: accepted, admitted or turned away, and whose word for it counts.

pub mod accept;
pub mod accept_fault;
pub mod admission;
pub mod household;
pub mod proxies;
pub mod shedding;
pub mod vacancy;
