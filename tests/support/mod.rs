//! A server in a thread or a process, the clients that talk to it, and a diary of what actions
//! lived through.

mod answer;
mod browser;
mod chance;
mod chromium;
mod diary;
mod events;
mod example;
mod host;
mod log;
mod program;
mod request;
mod seeds;
mod socket;
mod wires;
mod workloads;

pub use answer::Answer;
pub use browser::Browser;
pub use chance::Chance;
pub use chromium::{Chromium, Tab};
pub use diary::{Diary, Pen, diary};
pub use events::Events;
pub use example::{Example, example};
pub use host::Host;
pub use log::Log;
pub use program::{Program, free_port};
pub use request::Request;
pub use seeds::{Seeded, play_seeds};
pub use socket::{Frame, Socket, heard, said, switched};
pub use wires::{WIRES, declared, opening, path_of};
pub use workloads::workloads;

use std::time::Duration;

/// How long a test waits for what must come before it fails: far more than a busy machine takes.
pub const PATIENCE: Duration = Duration::from_secs(10);
