//! Channels: what is published, to whom it goes, and what of it is kept.

pub mod budget;
pub mod catching_up;
pub mod delivery;
pub mod hub;
pub mod joining;
pub mod ledger;
pub mod line;
pub mod parcel;
pub mod presence;
pub mod slow_reader;
pub mod taker;
