//! The server that is talked to: small actions, each with one way to answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crampon::prelude::*;

/// Counts requests that nobody should have been able to make.
pub type Alarm = Arc<AtomicUsize>;

/// The routes of the house.
pub fn routes(alarm: Alarm) -> Routes {
    let posted = alarm.clone();
    Routes::new()
        .get("/", || Words("page"))
        .get("/probe", || Words("in step"))
        .get("/host", || Host)
        .get("/named/{name}", || Named)
        .get("/tree/{*name}", || Named)
        .get("/plain", || Words("plain"))
        .get("/stream", || Stream)
        .get("/events", || Events)
        .at("/chat", || Chat)
        .at("/either", || Either)
        .get("/none", || Bodiless(204))
        .get("/known", || Bodiless(304))
        .post("/echo", || Echo)
        .put("/echo", || Echo)
        .patch("/echo", || Echo)
        .post("/form", || Form)
        .post("/deaf", || Words("deaf"))
        .delete("/deaf", || Words("gone"))
        .post("/guarded", || Guarded)
        .get("/smuggled", move || Smuggled(alarm.clone()))
        .post("/smuggled", move || Smuggled(posted.clone()))
        .get("/files/no_callbacks.rs", || Words("guarded"))
        .files("/files", concat!(env!("CARGO_MANIFEST_DIR"), "/ui"))
}

/// Answers with words of its own.
#[action(transport = regular)]
struct Words(&'static str);

#[callbacks]
impl Words {
    #[on_start]
    fn say(&mut self, cx: &mut Context<Self>) {
        cx.render(self.0);
        cx.finish();
    }
}

/// Answers with the host it is asked for.
#[action(transport = regular)]
struct Host;

#[callbacks]
impl Host {
    #[on_start]
    fn say(&mut self, cx: &mut Context<Self>) {
        let host = cx.request().head().host().unwrap_or("nobody").to_owned();
        cx.render(host);
        cx.finish();
    }
}

/// Answers with the name in its path.
#[action(transport = regular)]
struct Named;

#[callbacks]
impl Named {
    #[on_start]
    fn say(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        cx.render(cx.param::<String>("name")?);
        cx.finish();
        Ok(())
    }
}

/// Says one chunk now and one a little later.
#[action(transport = chunked)]
struct Stream;

#[callbacks]
impl Stream {
    #[on_start]
    fn begin(&mut self, cx: &mut Context<Self>) {
        cx.render("once, ");
        cx.after(Duration::from_millis(5), |_, cx| {
            cx.render("and again");
            cx.finish();
        });
    }
}

/// Says one event.
#[action(transport = sse)]
struct Events;

#[callbacks]
impl Events {
    #[on_start]
    fn begin(&mut self, cx: &mut Context<Self>) {
        cx.render("once");
        cx.finish();
    }
}

/// Echoes messages.
#[action(transport = websocket)]
struct Chat;

#[callbacks]
impl Chat {
    #[on_data]
    fn echo(&mut self, cx: &mut Context<Self>, text: &str) {
        cx.render(text);
    }
}

/// Echoes messages, or answers.
#[action(transport = websocket | regular)]
struct Either;

#[callbacks]
impl Either {
    #[on_start]
    fn say(&mut self, cx: &mut Context<Self>) {
        if cx.transport() == crampon::transport::Transport::Regular {
            cx.render("no socket");
            cx.finish();
        }
    }

    #[on_data]
    fn echo(&mut self, cx: &mut Context<Self>, text: &str) {
        cx.render(text);
        if cx.transport() == crampon::transport::Transport::Regular {
            cx.finish();
        }
    }
}

/// Renders what no answer of its status can have.
#[action(transport = regular)]
struct Bodiless(u16);

#[callbacks]
impl Bodiless {
    #[on_start]
    fn say(&mut self, cx: &mut Context<Self>) {
        cx.set_status(self.0);
        cx.render("HTTP/1.1 200 OK\r\n\r\n");
        cx.finish();
    }
}

/// Echoes the body.
#[action(transport = regular, body_bytes_max = 256)]
struct Echo;

#[callbacks]
impl Echo {
    #[on_data]
    fn echo(&mut self, cx: &mut Context<Self>, body: &[u8]) {
        cx.render(body);
        cx.finish();
    }
}

/// Echoes a field of a form.
#[action(transport = regular)]
struct Form;

#[callbacks]
impl Form {
    #[on_data]
    fn echo(&mut self, cx: &mut Context<Self>, _: &[u8]) -> Result<(), Halt> {
        cx.render(cx.param::<String>("name")?);
        cx.finish();
        Ok(())
    }
}

/// Takes a body of nobody.
#[action(transport = regular)]
struct Guarded;

#[callbacks]
impl Guarded {
    #[before_start]
    fn refuse(&mut self, _: &mut Context<Self>) -> Result<(), Halt> {
        Err(Halt::new(401, "who are you?").header("www-authenticate", "Basic"))
    }

    #[on_data]
    fn take(&mut self, cx: &mut Context<Self>, _: &[u8]) {
        cx.finish();
    }
}

/// Asked for by no honest request: only by what stands where a body should be.
#[action(transport = regular)]
struct Smuggled(Alarm);

#[callbacks]
impl Smuggled {
    #[on_start]
    fn ring(&mut self, cx: &mut Context<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
        cx.render("smuggled");
        cx.finish();
    }
}
