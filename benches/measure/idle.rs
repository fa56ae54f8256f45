//! What an idle connection costs the server in memory.

use std::io;

use crampon_benches::{Child, open, sse_head, websocket_head};

use crate::subject;

/// Opens connections that then say nothing, and prints what each costs.
///
/// # Errors
/// When no descriptor is left, or the server does not answer.
pub fn measure(name: &str, path: &str) -> io::Result<()> {
    let head = if name.ends_with("sse") { sse_head(path) } else { websocket_head(path) };
    let subject = Child::start(&[subject::ROLE])?;
    // The first few touch what all share.
    let _first: Vec<_> = (0..64).map(|_| open(subject.address, &head)).collect::<Result<_, _>>()?;
    let before = subject.resident_bytes()?;
    let _all: Vec<_> =
        (0..CONNECTIONS).map(|_| open(subject.address, &head)).collect::<Result<_, _>>()?;
    let grown = subject.resident_bytes()?.saturating_sub(before);
    let each = grown / CONNECTIONS;
    println!("{name}: {each} bytes a connection, with a head of {} bytes", head.len());
    Ok(())
}

const CONNECTIONS: u64 = 10_000;
