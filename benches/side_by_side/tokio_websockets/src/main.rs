//! The WebSockets of the contract of `benches/side_by_side/` on tokio-websockets:
//! `tokio_websockets PORT`.

use std::future::ready;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use futures_util::{SinkExt, Stream, StreamExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::broadcast;
use tokio::task::unconstrained;
use tokio::time::{Instant, interval_at};
use tokio_stream::wrappers::{BroadcastStream, IntervalStream};
use tokio_websockets::{Config, Error, Message, ServerBuilder, WebSocketStream};

type Socket = WebSocketStream<TcpStream>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let port = std::env::args().nth(1).and_then(|port| port.parse().ok());
    let port = port.expect("usage: tokio_websockets PORT");
    let published = broadcast::Sender::new(IN_FLIGHT_MAX);
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
    let listener = socket.listen(BACKLOG)?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let published = published.clone();
        tokio::spawn(unconstrained(async { drop(serve(stream, published).await) }));
    }
}

async fn serve(stream: TcpStream, published: broadcast::Sender<Message>) -> Result<(), Error> {
    // A message is one frame, as everywhere else, and sixteen of 16 KiB are one write.
    let config = Config::default().frame_size(usize::MAX).flush_threshold(UNSENT_BYTES_MAX);
    let (request, socket) = ServerBuilder::new().config(config).accept(stream).await?;
    match request.uri().path() {
        "/echo" => echo(socket).await,
        "/subscribe" => {
            let messages = BroadcastStream::new(published.subscribe());
            deliver(socket, messages.filter_map(|message| ready(message.ok()))).await
        }
        "/publish" => publish(socket, published).await,
        "/tick" => deliver(socket, ticks()).await,
        _ => Ok(()),
    }
}

/// Echoes all that is ready at once in one write: to read with frames unsent would send them.
async fn echo(mut socket: Socket) -> Result<(), Error> {
    while let Some(messages) = (&mut socket).ready_chunks(AT_ONCE).next().await {
        for message in messages {
            let message = message?;
            if message.is_text() || message.is_binary() {
                socket.feed(message).await?;
            }
        }
        socket.flush().await?;
    }
    Ok(())
}

async fn publish(mut socket: Socket, published: broadcast::Sender<Message>) -> Result<(), Error> {
    while let Some(message) = socket.next().await {
        let message = message?;
        if message.is_text() {
            // An error says that nobody listens.
            let _ = published.send(message);
        }
    }
    Ok(())
}

/// Sends from a task of its own, so that a message to send does not try to read.
async fn deliver(
    socket: Socket,
    messages: impl Stream<Item = Message> + Send + 'static,
) -> Result<(), Error> {
    let (sink, mut stream) = socket.split();
    let sending = tokio::spawn(unconstrained(messages.map(Ok).forward(sink)));
    while let Some(Ok(_)) = stream.next().await {}
    sending.abort();
    Ok(())
}

fn ticks() -> impl Stream<Item = Message> + Send + 'static {
    let timer = IntervalStream::new(interval_at(Instant::now() + SECOND, SECOND));
    timer.enumerate().map(|(fired, _)| Message::text(format!("tick {}", fired + 1)))
}

const SECOND: Duration = Duration::from_secs(1);

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 4096;

/// Publishes that a subscriber may lag behind.
const IN_FLIGHT_MAX: usize = 1024;

/// Messages echoed in one write.
const AT_ONCE: usize = 16;

/// Bytes that wait for others before they are written.
const UNSENT_BYTES_MAX: usize = 256 * 1024;
