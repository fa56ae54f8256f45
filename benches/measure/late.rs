//! How late ten thousand timers are called.

use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

use crampon_benches::{Child, open, sse_head, websocket_head};

use crate::subject;

/// What the clocks are heard by.
pub const WIRES: [&str; 2] = ["late websocket", "late sse"];

/// Opens clocks evenly over a second, and prints how late each tick was called.
///
/// # Errors
/// When no descriptor is left, or the server does not answer.
pub fn measure(name: &str) -> io::Result<()> {
    let path = "/clock";
    let head = if name.ends_with("sse") { sse_head(path) } else { websocket_head(path) };
    let subject = Child::start(&[subject::ROLE])?;
    // Nobody reads: what so few ticks say finds room with the system.
    let mut clocks = Vec::new();
    let began = Instant::now();
    for at in 0..CONNECTIONS {
        let due = began + PERIOD * at / CONNECTIONS;
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let mut stream = std::net::TcpStream::connect(subject.address)?;
        stream.write_all(head.as_bytes())?;
        clocks.push(stream);
    }
    // Until all have ticked once nothing counts.
    std::thread::sleep(PERIOD * 2);
    ask(&subject)?;
    std::thread::sleep(PERIOD * COUNTED_TICKS);
    println!("{name}: {}", ask(&subject)?);
    Ok(())
}

/// What the server says of its own lateness since it was last asked.
fn ask(subject: &Child) -> io::Result<String> {
    let head = "GET /lateness HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let mut answer = String::new();
    open(subject.address, head)?.read_to_string(&mut answer)?;
    Ok(answer)
}

const CONNECTIONS: u32 = 10_000;
const PERIOD: Duration = Duration::from_secs(1);
const COUNTED_TICKS: u32 = 10;
