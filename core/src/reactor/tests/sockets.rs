//! Real sockets on a real loop.

use std::io::{Read, Write};
use std::net::SocketAddr;

use mio::net::UdpSocket;

use super::*;

const LOOPBACK: ([u8; 4], u16) = ([127, 0, 0, 1], 0);

/// Sends every datagram back: a source the loop knows nothing of.
struct Mirror {
    socket: UdpSocket,
}

impl Handler for Mirror {
    fn ready(&mut self, _: Readiness, _: &mut Scope<'_>) {
        let mut buffer = [0; 64];
        while let Ok((len, from)) = self.socket.recv_from(&mut buffer) {
            self.socket.send_to(&buffer[..len], from).expect("loopback takes a datagram");
        }
    }
}

#[test]
fn a_handler_brings_a_udp_socket_of_its_own() {
    let mut reactor = Reactor::new().expect("descriptors are left");
    let mut address = None;
    reactor
        .add(|scope| {
            let mut socket = UdpSocket::bind(LOOPBACK.into())?;
            address = Some(socket.local_addr()?);
            scope.register(&mut socket, 0, Interest::READABLE)?;
            Ok(Mirror { socket })
        })
        .expect("a port is free");
    let client = std::net::UdpSocket::bind(SocketAddr::from(LOOPBACK)).expect("a port is free");
    client.set_nonblocking(true).expect("it is a socket");
    client.send_to(b"hello", address.expect("it is bound")).expect("loopback takes a datagram");
    let mut buffer = [0; 64];
    turn_until(&mut reactor, |_| client.recv(&mut buffer).is_ok_and(|len| len == 5));
    assert_eq!(&buffer[..5], b"hello");
}

/// Accepts and echoes; the listener's key is 0, a stream's is its place plus one.
struct Echo {
    listener: Listener,
    streams: Vec<Option<(Source, Stream)>>,
}

impl Echo {
    fn on(mut listener: Listener, scope: &mut Scope<'_>) -> io::Result<Self> {
        scope.register(&mut listener, 0, Interest::READABLE)?;
        Ok(Self { listener, streams: Vec::new() })
    }

    fn accept(&mut self, scope: &mut Scope<'_>) {
        while let Ok((mut stream, _)) = self.listener.accept() {
            stream.set_nodelay(true).expect("the stream is open");
            let key = self.streams.len() + 1;
            let both = Interest::READABLE | Interest::WRITABLE;
            let source = scope.register(&mut stream, key, both).expect("it is new");
            self.streams.push(Some((source, stream)));
        }
    }
}

impl Handler for Echo {
    fn ready(&mut self, event: Readiness, scope: &mut Scope<'_>) {
        if event.key == 0 {
            return self.accept(scope);
        }
        let place = &mut self.streams[event.key - 1];
        let Some((source, stream)) = place else { return };
        let mut buffer = [0; 64];
        loop {
            match stream.read(&mut buffer) {
                Ok(0) => {
                    scope.deregister(*source, stream).expect("it is registered");
                    *place = None;
                    return;
                }
                Ok(len) => stream.write_all(&buffer[..len]).expect("there is room"),
                Err(error) => return assert_eq!(error.kind(), io::ErrorKind::WouldBlock),
            }
        }
    }
}

#[test]
fn streams_echo_over_tcp() {
    let mut reactor = Reactor::new().expect("descriptors are left");
    let listener = Listener::bind(LOOPBACK.into()).expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    let echo = reactor.add(|scope| Echo::on(listener, scope)).expect("it listens");

    let mut client = Stream::connect(address).expect("somebody listens");
    assert_eq!(client.peer(), Some(address));
    turn_until(&mut reactor, |_| client.write(b"hello").is_ok());
    let mut buffer = [0; 64];
    turn_until(&mut reactor, |_| client.read(&mut buffer).is_ok_and(|len| len == 5));
    assert_eq!(&buffer[..5], b"hello");

    drop(client);
    turn_until(&mut reactor, |reactor| with(reactor, &echo, |echo, _| echo.streams[0].is_none()));
    assert_eq!(reactor.commons.sources.len(), 1, "the listener's");
}

#[test]
fn a_source_is_registered_once() {
    let mut reactor = Reactor::new().expect("descriptors are left");
    let probe = add(&mut reactor, |_, _, _| ());
    let (mut stream, _far) = Stream::pair().expect("descriptors are left");
    with(&mut reactor, &probe, |_, scope| {
        let source = scope.register(&mut stream, 1, Interest::READABLE).expect("it is new");
        let twice = scope.register(&mut stream, 2, Interest::READABLE).expect_err("it is known");
        assert_eq!(twice.kind(), io::ErrorKind::AlreadyExists);
        scope.deregister(source, &mut stream).expect("it is registered");
        scope.register(&mut stream, 3, Interest::READABLE).expect("it is new again");
    });
    assert_eq!(reactor.commons.sources.len(), 1);
}

#[test]
fn a_source_closed_and_released_is_forgotten() {
    let mut reactor = Reactor::new().expect("descriptors are left");
    let probe = add(&mut reactor, |_, _, _| ());
    let (mut stream, far) = Stream::pair().expect("descriptors are left");
    with(&mut reactor, &probe, |_, scope| {
        let source = scope.register(&mut stream, 1, Interest::READABLE).expect("it is new");
        scope.release(source);
        drop(stream);
    });
    drop(far);
    tick(&mut reactor);
    assert_eq!(log(&mut reactor, &probe), ["settle"]);
}
