//! The bare loop with sockets, timers and a thread of one's own, and a web server on top.
//!
//! Run it with `cargo run --example embed -- --port 3000`, then
//! - send it datagrams: `nc -u 127.0.0.1 3002`, and they come back;
//! - call it: `nc 127.0.0.1 3001`, and say `PING`, `COUNT`, `UPTIME` or `QUIT`;
//! - type a line where it runs: a thread reads it and posts it to the loop, and all callers and
//!   all who have the page open see it;
//! - open <http://127.0.0.1:3000/>: the figures change as you do the rest.

mod caller;
mod callers;
mod counts;
mod datagrams;
mod interrupt;
mod uptime;
mod viewer;

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::thread;

use crampon::reactor::{Handle, Listener, Reactor, Scope};
use crampon::{Routes, Running, Server};
use mio::net::UdpSocket;

use callers::Callers;
use counts::Counts;
use datagrams::Datagrams;
use interrupt::Interrupt;
use uptime::Uptime;
use viewer::{Page, Viewer};

fn main() -> crampon::Result<()> {
    let [web, lines, datagrams] = addresses();
    let counts = Rc::<Counts>::default();

    // A loop of one's own: each handler owns its sources and is called when they have news.
    let mut reactor = Reactor::new()?;
    let listener = Listener::bind(lines)?;
    println!("lines on {}", listener.local_addr()?);
    let callers = reactor.add(|scope| Callers::new(listener, counts.clone(), scope))?;

    let socket = UdpSocket::bind(datagrams)?;
    println!("datagrams on {}", socket.local_addr()?);
    let datagrams = reactor.add(|scope| Datagrams::new(socket, counts.clone(), scope))?;
    let uptime = reactor.add(|scope| Ok(Uptime::new(counts.clone(), scope)))?;

    // The web server is one more handler.
    let routes = Routes::new().get("/", || Page).at("/counts", Viewer::recipe(counts));
    let web = Server::bind(web)?.attach(&mut reactor, routes)?;
    println!("page on http://{}/", web.local_addr().expect("it listens on TCP"));

    // A thread may block, because it is not the loop: it posts to handlers, and publishes.
    let (everyone, page) = (callers.clone(), web.clone());
    thread::spawn(move || announce(&everyone, &page));

    // The loop runs until the last handler has left.
    reactor.add(|scope| {
        Interrupt::new(scope, move || {
            let _ = (callers.post(leave), datagrams.post(leave), uptime.post(leave));
            let _ = web.stop();
        })
    })?;
    Ok(reactor.run()?)
}

/// Says to everyone what is typed here, line by line.
fn announce(callers: &Handle<Callers>, page: &Running) {
    for line in io::stdin().lines().map_while(Result::ok) {
        let _ = page.publish("announcements", &line);
        let _ = callers.post(move |callers, scope| callers.announce(&line, scope));
    }
}

fn leave<H>(_: &mut H, scope: &mut Scope<'_>) {
    scope.remove();
}

/// Three addresses from the port of `--port` on, else from 3000; port 0 asks for free ones.
fn addresses() -> [SocketAddr; 3] {
    let port = crampon_examples::port(3000);
    [0, 1, 2].map(|step| ([127, 0, 0, 1], if port == 0 { 0 } else { port + step }).into())
}
