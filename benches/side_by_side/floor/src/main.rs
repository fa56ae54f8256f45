//! The floor: a server that learns its first message and from then on only counts bytes.
//!
//! `side-by-side-floor PORT`. It waits, receives and sends exactly as any server of the contract
//! must, on epoll itself. The first request tells it how long one is and what it is answered; all
//! after that are alike, so that nothing is read but their number. What another server costs above
//! it is that server's own. Handshakes are told apart by their path, and not checked.

mod floor;
mod lesson;
mod opening;

fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).and_then(|port| port.parse().ok());
    let Some(port) = port else {
        eprintln!("side-by-side-floor PORT");
        std::process::exit(2)
    };
    floor::Floor::bind(port)?.serve()
}
