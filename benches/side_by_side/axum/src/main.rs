//! The contract of `benches/side_by_side/` on axum: `axum [rb4k] PORT`.
//!
//! `rb4k` gives each WebSocket a read buffer of 4 KiB, not of the default, which is zeroed before
//! every read. Messages are forwarded from stream to sink, as the examples of tokio-tungstenite do:
//! what is ready at once leaves in one write.

use std::convert::Infallible;
use std::future::ready;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::ws::{Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::serve::ListenerExt;
use futures_util::{Stream, StreamExt, TryStreamExt};
use tokio::net::TcpSocket;
use tokio::sync::broadcast;
use tokio::time::{Instant, interval_at};
use tokio_stream::wrappers::{BroadcastStream, IntervalStream};

#[derive(Clone)]
struct House {
    published: broadcast::Sender<Utf8Bytes>,
    /// What a WebSocket reads into at most, where it is not the default.
    read_buffer_bytes: Option<usize>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let port =
        arguments.last().and_then(|port| port.parse().ok()).expect("usage: axum [rb4k] PORT");
    let read_buffer_bytes = (arguments[0] == "rb4k").then_some(4096);
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
    let listener = socket.listen(BACKLOG)?.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, routes(read_buffer_bytes)).await
}

fn routes(read_buffer_bytes: Option<usize>) -> Router {
    Router::new()
        .route("/hello", get(async || "Hello, World!"))
        .route("/length", post(async |body: Bytes| body.len().to_string()))
        .route("/echo", any(echo))
        .route("/subscribe", any(subscribe))
        .route("/events", get(events))
        .route("/publish", any(publish))
        .route("/tick", any(tick))
        .route("/ticks", get(tick_events))
        .with_state(House { published: broadcast::Sender::new(IN_FLIGHT_MAX), read_buffer_bytes })
}

impl House {
    fn accept(&self, upgrade: WebSocketUpgrade) -> WebSocketUpgrade {
        match self.read_buffer_bytes {
            Some(bytes) => upgrade.read_buffer_size(bytes),
            None => upgrade,
        }
    }

    fn subscribe(&self) -> impl Stream<Item = Utf8Bytes> + Send + use<> {
        let published = BroadcastStream::new(self.published.subscribe());
        published.filter_map(|text| ready(text.ok()))
    }
}

async fn echo(upgrade: WebSocketUpgrade, State(house): State<House>) -> Response {
    house.accept(upgrade).on_upgrade(async |socket| {
        let (sink, stream) = socket.split();
        let is_data = |message: &Message| matches!(message, Message::Text(_) | Message::Binary(_));
        let _ = stream.try_filter(|message| ready(is_data(message))).forward(sink).await;
    })
}

async fn subscribe(upgrade: WebSocketUpgrade, State(house): State<House>) -> Response {
    let published = house.subscribe();
    house.accept(upgrade).on_upgrade(|socket| deliver(socket, published.map(Message::Text)))
}

async fn publish(upgrade: WebSocketUpgrade, State(house): State<House>) -> Response {
    house.accept(upgrade).on_upgrade(async move |mut socket| {
        while let Some(Ok(message)) = socket.recv().await {
            if let Message::Text(text) = message {
                // An error says that nobody listens.
                let _ = house.published.send(text);
            }
        }
    })
}

async fn tick(upgrade: WebSocketUpgrade, State(house): State<House>) -> Response {
    house.accept(upgrade).on_upgrade(|socket| deliver(socket, ticks().map(Message::text)))
}

/// Sends from a task of its own, so that a message to send does not try to read.
async fn deliver(socket: WebSocket, messages: impl Stream<Item = Message> + Send + 'static) {
    let (sink, mut stream) = socket.split();
    let sending = tokio::spawn(messages.map(Ok).forward(sink));
    while let Some(Ok(_)) = stream.next().await {}
    sending.abort();
}

async fn events(State(house): State<House>) -> impl IntoResponse {
    Sse::new(
        house.subscribe().map(|text| Ok::<_, Infallible>(Event::default().data(text.as_str()))),
    )
}

async fn tick_events() -> impl IntoResponse {
    Sse::new(ticks().map(|text| Ok::<_, Infallible>(Event::default().data(text))))
}

fn ticks() -> impl Stream<Item = String> + Send + 'static {
    let timer = IntervalStream::new(interval_at(Instant::now() + SECOND, SECOND));
    timer.enumerate().map(|(fired, _)| format!("tick {}", fired + 1))
}

const SECOND: Duration = Duration::from_secs(1);

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 4096;

/// Publishes that a subscriber may lag behind.
const IN_FLIGHT_MAX: usize = 1024;
