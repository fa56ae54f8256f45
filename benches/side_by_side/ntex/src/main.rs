//! The contract of `benches/side_by_side/` on ntex, over tokio: `ntex PORT`.
//!
//! One worker, which has a registry of its own; the accepting thread is ntex's own too. Timers are
//! tokio's: ntex's are of 16 ms, and drift.

mod registry;

use std::convert::Infallible;
use std::io;
use std::net::Ipv4Addr;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use futures_util::{Stream, StreamExt};
use ntex::channel::mpsc;
use ntex::service::{fn_factory_with_config, fn_service};
use ntex::util::{ByteString, Bytes};
use ntex::web::types::State;
use ntex::web::ws::{Frame, Message, WsSink, start};
use ntex::web::{self, App, Error, HttpRequest, HttpResponse, HttpServer};
use ntex::{rt, ws::error::ProtocolError};
use tokio::time::{Instant, interval_at};
use tokio_stream::wrappers::IntervalStream;

use registry::Registry;

type House = State<Rc<Registry>>;

#[ntex::main]
async fn main() -> io::Result<()> {
    let port = std::env::args().nth(1).and_then(|port| port.parse().ok());
    let port: u16 = port.expect("usage: ntex PORT");
    HttpServer::new(async || {
        App::new().state(Rc::new(Registry::new())).service((
            web::resource("/hello").route(web::get().to(hello)),
            web::resource("/length").route(web::post().to(length)),
            web::resource("/echo").route(web::get().to(echo)),
            web::resource("/subscribe").route(web::get().to(subscribe)),
            web::resource("/events").route(web::get().to(events)),
            web::resource("/publish").route(web::get().to(publish)),
            web::resource("/tick").route(web::get().to(tick)),
            web::resource("/ticks").route(web::get().to(tick_events)),
        ))
    })
    .workers(1)
    .backlog(BACKLOG)
    .bind((Ipv4Addr::LOCALHOST, port))?
    .run()
    .await
}

async fn hello() -> &'static str {
    "Hello, World!"
}

async fn length(body: Bytes) -> String {
    body.len().to_string()
}

async fn echo(request: HttpRequest) -> Result<HttpResponse, Error> {
    accept(
        request,
        |_| (),
        |frame, ()| match frame {
            Frame::Text(bytes) => Ok(Some(Message::Text(text(bytes)?))),
            Frame::Binary(bytes) => Ok(Some(Message::Binary(bytes))),
            frame => Ok(control(frame)),
        },
    )
    .await
}

async fn subscribe(request: HttpRequest, house: House) -> Result<HttpResponse, Error> {
    let opened = move |sink: WsSink| {
        let house = house.clone();
        let key = house.add_socket(sink.clone());
        rt::spawn(async move {
            sink.on_disconnect().await;
            house.remove_socket(key);
        });
    };
    accept(request, opened, |frame, ()| Ok(control(frame))).await
}

async fn events(house: House) -> HttpResponse {
    let (sender, published) = mpsc::channel();
    house.add_stream(sender);
    event_stream(published)
}

async fn publish(request: HttpRequest, house: House) -> Result<HttpResponse, Error> {
    accept(
        request,
        move |_| house.clone(),
        |frame, house: House| match frame {
            Frame::Text(bytes) => {
                house.publish(&text(bytes)?);
                Ok(None)
            }
            frame => Ok(control(frame)),
        },
    )
    .await
}

async fn tick(request: HttpRequest) -> Result<HttpResponse, Error> {
    let opened = |sink: WsSink| {
        rt::spawn(async move {
            let mut ticks = pin!(ticks());
            while let Some(text) = ticks.next().await {
                if sink.io().is_closed() || sink.send(Message::Text(text.into())).await.is_err() {
                    return;
                }
            }
        });
    };
    accept(request, opened, |frame, ()| Ok(control(frame))).await
}

async fn tick_events() -> HttpResponse {
    event_stream(Box::pin(ticks().map(|text| Bytes::from(format!("data: {text}\n\n")))))
}

/// Answers a handshake; calls `opened` with the socket, then `arrived` with each of its frames.
async fn accept<T: Clone + 'static>(
    request: HttpRequest,
    opened: impl Fn(WsSink) -> T + 'static,
    arrived: fn(Frame, T) -> Result<Option<Message>, ProtocolError>,
) -> Result<HttpResponse, Error> {
    let opened = Rc::new(opened);
    let factory = fn_factory_with_config(move |sink: WsSink| {
        let opened = opened.clone();
        async move {
            let state = opened(sink);
            Ok::<_, Error>(fn_service(move |frame| {
                let answer = arrived(frame, state.clone());
                async move { answer }
            }))
        }
    });
    start::<_, _, &str, Error>(request, None, factory).await
}

/// What a frame that carries no message is answered with.
fn control(frame: Frame) -> Option<Message> {
    match frame {
        Frame::Ping(bytes) => Some(Message::Pong(bytes)),
        Frame::Close(reason) => Some(Message::Close(reason)),
        _ => None,
    }
}

/// The text of a frame, which ntex leaves to check.
fn text(bytes: Bytes) -> Result<ByteString, ProtocolError> {
    ByteString::try_from(bytes).map_err(|()| ProtocolError::BadOpCode)
}

fn event_stream(events: impl Stream<Item = Bytes> + Unpin + 'static) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .header("cache-control", "no-cache")
        .streaming(events.map(Ok::<_, Infallible>))
}

fn ticks() -> impl Stream<Item = String> {
    let timer = IntervalStream::new(interval_at(Instant::now() + SECOND, SECOND));
    timer.enumerate().map(|(fired, _)| format!("tick {}", fired + 1))
}

const SECOND: Duration = Duration::from_secs(1);

/// Connections that may wait to be accepted.
const BACKLOG: i32 = 4096;
