//! How punctual ten thousand timers are, and what they cost.

use std::io::{self, ErrorKind, Read, Write};
use std::time::{Duration, Instant};

use crampon_benches::{Child, open, sse_head, websocket_head};
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use crate::lateness::Lateness;
use crate::subject;

/// One who hears a clock tick.
struct Listener {
    stream: TcpStream,
    /// When ticks came, less a second for each before; the earliest is the closest to the clock.
    heard: Vec<Instant>,
}

/// Opens connections evenly over a second, hears each tick once a second, and prints how late.
///
/// # Errors
/// When no descriptor is left, or the server does not answer.
pub fn measure(name: &str, path: &str) -> io::Result<()> {
    let head = if name.ends_with("sse") { sse_head(path) } else { websocket_head(path) };
    let subject = Child::start(&[subject::ROLE])?;
    let mut poll = Poll::new()?;
    let mut listeners = Vec::new();
    let began = Instant::now();
    for at in 0..CONNECTIONS {
        let due = began + PERIOD * at / CONNECTIONS;
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let mut stream = std::net::TcpStream::connect(subject.address)?;
        stream.write_all(head.as_bytes())?;
        stream.set_nonblocking(true)?;
        let mut stream = TcpStream::from_std(stream);
        poll.registry().register(&mut stream, Token(at as usize), Interest::READABLE)?;
        listeners.push(Listener { stream, heard: Vec::new() });
    }
    // Until all are open and have been heard once, nothing counts.
    listen(&mut poll, &mut listeners, began + PERIOD * 3)?;
    listeners.iter_mut().for_each(|listener| listener.heard.clear());
    ask_lateness(&subject)?;
    let (began, cpu) = (Instant::now(), subject.cpu()?);
    listen(&mut poll, &mut listeners, began + PERIOD * COUNTED_TICKS)?;
    let load = (subject.cpu()? - cpu).as_secs_f64() / began.elapsed().as_secs_f64();
    let server = ask_lateness(&subject)?;
    let viewers = lateness(&listeners);
    println!("{name}: {:.1} % of a core", load * 100.0);
    println!("    late in callbacks: {server}");
    println!("    late to viewers:   {viewers}");
    Ok(())
}

/// Notes when ticks come.
fn listen(poll: &mut Poll, listeners: &mut [Listener], until: Instant) -> io::Result<()> {
    let mut events = Events::with_capacity(1024);
    let mut buffer = [0; 4096];
    loop {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        poll.poll(&mut events, Some(left))?;
        for event in &events {
            let listener = &mut listeners[event.token().0];
            match listener.stream.read(&mut buffer) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(_) => listener.heard.push(Instant::now()),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// Each tick against the schedule of its own connection, which its most punctual tick shows.
fn lateness(listeners: &[Listener]) -> Lateness {
    let mut lateness = Lateness::default();
    for listener in listeners {
        let Some(first) = listener.heard.first() else { continue };
        let scheduled = listener.heard.iter().enumerate();
        let offsets = scheduled.map(|(tick, at)| *at - PERIOD * tick as u32);
        let base = offsets.clone().min().unwrap_or(*first);
        offsets.for_each(|offset| lateness.note(offset - base));
    }
    lateness
}

/// What the server says of its own lateness since it was last asked.
fn ask_lateness(subject: &Child) -> io::Result<String> {
    let head = "GET /lateness HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let mut answer = String::new();
    open(subject.address, head)?.read_to_string(&mut answer)?;
    Ok(answer)
}

const CONNECTIONS: u32 = 10_000;
const PERIOD: Duration = Duration::from_secs(1);
const COUNTED_TICKS: u32 = 10;
