//! A server in a thread, a browser, a WebSocket, and a diary of what actions lived through.

mod answer;
mod browser;
mod diary;
mod host;
mod log;
mod program;
mod socket;
mod wires;

pub use answer::Answer;
pub use browser::Browser;
pub use diary::{Diary, Pen, diary};
pub use host::Host;
pub use log::Log;
pub use program::{Program, free_port};
pub use socket::{Frame, Socket, switched};
pub use wires::{WIRES, declared, opening, path_of};

use std::time::Duration;

/// How long a test waits for what must come before it fails: far more than a busy machine takes.
pub const PATIENCE: Duration = Duration::from_secs(10);
