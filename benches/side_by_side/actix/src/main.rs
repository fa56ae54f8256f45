//! The contract of `benches/side_by_side/` on actix-web and actix-ws, without actors: `actix PORT`.
//!
//! One worker, which has a registry of its own; the accepting thread is actix's own too.

mod registry;

use std::convert::Infallible;
use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use actix_web::http::header::{CACHE_CONTROL, ContentType};
use actix_web::rt::time::{Instant, interval_at};
use actix_web::web::{self, Bytes, Data, Payload};
use actix_web::{App, Error, HttpRequest, HttpResponse, HttpServer, Responder, rt};
use actix_ws::Message;
use futures_util::{Stream, StreamExt};
use tokio::task::unconstrained;
use tokio_stream::wrappers::{IntervalStream, UnboundedReceiverStream};

use registry::Registry;

#[actix_web::main]
async fn main() -> io::Result<()> {
    let port = std::env::args().nth(1).and_then(|port| port.parse().ok());
    let port: u16 = port.expect("usage: actix PORT");
    HttpServer::new(|| {
        App::new()
            .app_data(Data::new(Registry::default()))
            .route("/hello", web::get().to(hello))
            .route("/length", web::post().to(length))
            .route("/echo", web::get().to(echo))
            .route("/subscribe", web::get().to(subscribe))
            .route("/events", web::get().to(events))
            .route("/publish", web::get().to(publish))
            .route("/tick", web::get().to(tick))
            .route("/ticks", web::get().to(tick_events))
    })
    .workers(1)
    .backlog(BACKLOG)
    .tcp_nodelay(true)
    .bind((Ipv4Addr::LOCALHOST, port))?
    .run()
    .await
}

async fn hello() -> impl Responder {
    "Hello, World!"
}

async fn length(body: Bytes) -> impl Responder {
    body.len().to_string()
}

async fn echo(request: HttpRequest, body: Payload) -> Result<HttpResponse, Error> {
    let (response, mut session, mut messages) = actix_ws::handle(&request, body)?;
    rt::spawn(async move {
        while let Some(Ok(message)) = messages.recv().await {
            let sent = match message {
                Message::Text(text) => session.text(text).await,
                Message::Binary(bytes) => session.binary(bytes).await,
                Message::Ping(bytes) => session.pong(&bytes).await,
                Message::Close(_) => break,
                _ => Ok(()),
            };
            if sent.is_err() {
                return;
            }
        }
        let _ = session.close(None).await;
    });
    Ok(response)
}

async fn subscribe(
    request: HttpRequest,
    body: Payload,
    registry: Data<Registry>,
) -> Result<HttpResponse, Error> {
    let (response, session, mut messages) = actix_ws::handle(&request, body)?;
    rt::spawn(async move {
        let key = registry.add_session(session.clone());
        while let Some(Ok(message)) = messages.recv().await {
            if let Message::Close(_) = message {
                break;
            }
        }
        registry.remove_session(key);
        let _ = session.close(None).await;
    });
    Ok(response)
}

async fn events(registry: Data<Registry>) -> HttpResponse {
    let (sender, published) = tokio::sync::mpsc::unbounded_channel();
    registry.add_stream(sender);
    event_stream(UnboundedReceiverStream::new(published))
}

async fn publish(
    request: HttpRequest,
    body: Payload,
    registry: Data<Registry>,
) -> Result<HttpResponse, Error> {
    let (response, session, mut messages) = actix_ws::handle(&request, body)?;
    // Unconstrained: else it would wait after each 128 subscribers, and they write each message.
    rt::spawn(unconstrained(async move {
        while let Some(Ok(message)) = messages.recv().await {
            match message {
                Message::Text(text) => registry.publish(text).await,
                Message::Close(_) => break,
                _ => {}
            }
        }
        let _ = session.close(None).await;
    }));
    Ok(response)
}

async fn tick(request: HttpRequest, body: Payload) -> Result<HttpResponse, Error> {
    let (response, mut session, mut messages) = actix_ws::handle(&request, body)?;
    rt::spawn(async move {
        let mut ticks = std::pin::pin!(ticks());
        loop {
            tokio::select! {
                Some(text) = ticks.next() => if session.text(text).await.is_err() {
                    return;
                },
                message = messages.recv() => match message {
                    Some(Ok(Message::Close(_)) | Err(_)) | None => break,
                    Some(Ok(_)) => {}
                },
            }
        }
        let _ = session.close(None).await;
    });
    Ok(response)
}

async fn tick_events() -> HttpResponse {
    event_stream(ticks().map(|text| Bytes::from(format!("data: {text}\n\n"))))
}

fn event_stream(events: impl Stream<Item = Bytes> + 'static) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(ContentType("text/event-stream".parse().expect("it is a media type")))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .streaming(events.map(Ok::<_, Infallible>))
}

fn ticks() -> impl Stream<Item = String> {
    let timer = IntervalStream::new(interval_at(Instant::now() + SECOND, SECOND));
    timer.enumerate().map(|(fired, _)| format!("tick {}", fired + 1))
}

const SECOND: Duration = Duration::from_secs(1);

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 4096;
