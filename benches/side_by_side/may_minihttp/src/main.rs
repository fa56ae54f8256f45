//! The plain requests of the contract of `benches/side_by_side/` on may_minihttp:
//! `may_minihttp PORT`.
//!
//! It has no settings: it sets neither TCP_NODELAY nor a backlog, nor does it close when asked to.

use std::fmt::Write;
use std::io::{self, BufRead};
use std::net::Ipv4Addr;

use may_minihttp::{HttpServer, HttpService, Request, Response};

#[derive(Clone)]
struct Answers;

impl HttpService for Answers {
    fn call(&mut self, request: Request, response: &mut Response) -> io::Result<()> {
        match (request.method(), request.path()) {
            ("GET", "/hello") => response.header("Content-Type: text/plain").body("Hello, World!"),
            ("POST", "/length") => {
                let length = length(request)?;
                let body = response.header("Content-Type: text/plain").body_mut();
                write!(body, "{length}").map_err(io::Error::other)?;
            }
            _ => drop(response.status_code(404, "Not Found")),
        }
        Ok(())
    }
}

fn length(request: Request) -> io::Result<usize> {
    let mut body = request.body();
    let mut length = 0;
    loop {
        let part = body.fill_buf()?.len();
        if part == 0 {
            return Ok(length);
        }
        body.consume(part);
        length += part;
    }
}

fn main() -> io::Result<()> {
    let port = std::env::args().nth(1).and_then(|port| port.parse().ok());
    let port: u16 = port.expect("usage: may_minihttp PORT");
    may::config().set_workers(1);
    let server = HttpServer(Answers).start((Ipv4Addr::LOCALHOST, port))?;
    server.join().map_err(|_| io::Error::other("the listener panicked"))
}
