//! A server of the test's own: on a free port, in a thread, with its log kept.

use std::net::SocketAddr;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use crampon::action::Topic;
use crampon::reactor::Reactor;
use crampon::{Routes, Running, Server};

use crate::{Answer, Browser, Log, PATIENCE, Socket};

/// A server that runs for as long as the test holds it.
pub struct Host {
    address: SocketAddr,
    running: Running,
    thread: Option<JoinHandle<()>>,
    ended: mpsc::Receiver<()>,
    log: Log,
}

impl Host {
    /// Serves these routes with the limits there are.
    pub fn serve(routes: impl FnOnce() -> Routes + Send + 'static) -> Self {
        Self::serve_with(|server| server, routes)
    }

    /// Serves these routes with a server set up by the test.
    pub fn serve_with(
        set_up: impl FnOnce(Server) -> Server + Send + 'static,
        routes: impl FnOnce() -> Routes + Send + 'static,
    ) -> Self {
        let (tell, told) = mpsc::channel();
        let (end, ended) = mpsc::channel();
        let log = Log::default();
        let kept = log.clone();
        let thread = std::thread::spawn(move || {
            let _end = end;
            let _subscriber = kept.install();
            let mut reactor = Reactor::new().expect("descriptors are left");
            let server = Server::bind("127.0.0.1:0").expect("a port is free");
            let server = server.limits(|limits| limits.stop_timeout = Duration::from_millis(500));
            let running =
                set_up(server).attach(&mut reactor, routes()).expect("the routes can be served");
            tell.send(running).expect("the test waits for it");
            reactor.run().expect("the selector works");
        });
        let running = told.recv_timeout(PATIENCE).expect("the server starts");
        let address = running.local_addr().expect("a TCP listener has an address");
        Self { address, running, thread: Some(thread), ended, log }
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A new connection.
    pub fn connect(&self) -> Browser {
        Browser::connect(self.address)
    }

    /// A new connection with little room for what is not read.
    pub fn connect_narrow(&self) -> Browser {
        Browser::connect_narrow(self.address)
    }

    /// A WebSocket at `path`.
    pub fn open(&self, path: &str) -> Socket {
        Socket::open(self.connect(), path)
    }

    /// The answer to a GET on a connection of its own.
    pub fn get(&self, path: &str) -> Answer {
        let mut browser = self.connect();
        browser.get(path);
        browser.answer()
    }

    /// Publishes from the test's thread.
    pub fn publish<V>(&self, channel: impl Topic<V>, said: V) {
        self.running.publish(channel, said).expect("the server runs");
    }

    /// What the server logged so far.
    pub fn log(&self) -> String {
        self.log.text()
    }

    /// Begins to stop the server.
    pub fn stop(&self) {
        self.running.stop().expect("the server runs");
    }

    /// Waits for the loop to end after a [`stop`](Self::stop).
    pub fn join(mut self) {
        self.wait();
    }

    /// Stops the server and waits until nothing of it is left.
    pub fn close(self) {
        self.stop();
        self.join();
    }

    fn wait(&mut self) {
        let Some(thread) = self.thread.take() else { return };
        let ended = self.ended.recv_timeout(PATIENCE);
        assert_eq!(ended, Err(mpsc::RecvTimeoutError::Disconnected), "the server ends");
        thread.join().expect("the server's thread did not panic");
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // It may have ended by itself, which is as well.
        drop(self.running.stop());
        if !std::thread::panicking() {
            self.wait();
        }
    }
}
