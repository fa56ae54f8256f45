//! Numbered publications, and their readers.

use std::cell::Cell;

use crampon::prelude::*;
use crampon::protocol::sse::check_fields;

use crate::census::Census;
use crate::query::millis;

/// What is published, by number: what is kept of it is the last thousand.
pub const PUBLICATIONS: Channel = Channel::new("publications")
    .numbered()
    .history(1000)
    .history_bytes(PAST_BYTES_MAX)
    .forgotten_after(Duration::from_secs(24 * 60 * 60));

/// Bytes of what is kept: a thousand publications of 256 KiB.
const PAST_BYTES_MAX: usize = 256 << 20;

/// Numbers its body, says it to the readers and answers the number.
#[action(transport = regular)]
pub struct Publish {
    last: Rc<Cell<u64>>,
}

impl Publish {
    /// Publications counted from 1.
    pub fn recipe() -> impl Fn() -> Self {
        let last = Rc::new(Cell::new(0));
        move || Self { last: last.clone() }
    }
}

#[callbacks]
impl Publish {
    #[on_data]
    fn publish(&mut self, cx: &mut Context<Self>, text: &str) -> Result<(), Halt> {
        let name = cx.param_text("event").map(|name| name.into_owned());
        // A number that is told must be published, so nothing may fail behind it.
        check_fields(None, name.as_deref())
            .map_err(|fault| Halt::new(400, format!("{fault}\n")))?;
        let id = self.last.get() + 1;
        self.last.set(id);
        let mut event = Event::new(text).id(id);
        if let Some(name) = name {
            event = event.named(name);
        }
        cx.publish(PUBLICATIONS, event);
        cx.set_header("content-type", "text/plain");
        cx.render(id.to_string());
        cx.finish();
        Ok(())
    }
}

/// Reads what is published, and with `Last-Event-ID` first what was missed: `?retry=MS` says how
/// long to wait before reconnecting, `?hb=MS` asks for a heartbeat. Over a WebSocket it is the bare
/// texts.
#[action(transport = websocket | sse)]
pub struct Reader {
    census: Rc<Census>,
    retry: Option<Duration>,
    heartbeat: Option<Duration>,
}

impl Reader {
    /// A reader counted in `census`.
    pub fn recipe(census: Rc<Census>) -> impl Fn() -> Self {
        move || Self { census: census.clone(), retry: None, heartbeat: None }
    }
}

#[callbacks]
impl Reader {
    #[before_start]
    fn read_query(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        self.retry = millis(cx, "retry")?;
        self.heartbeat = millis(cx, "hb")?;
        Ok(())
    }

    #[on_start]
    fn enter(&mut self, cx: &mut Context<Self>) {
        self.census.enter(cx.transport());
        cx.subscribe(PUBLICATIONS);
        if let Some(delay) = self.retry {
            cx.render(Event::retry_after(delay));
        }
        if let Some(period) = self.heartbeat {
            cx.every(period, |_, cx| cx.render(Event::comment("hb")));
        }
    }

    #[on_finish]
    fn leave(&mut self, cx: &mut Context<Self>) {
        self.census.leave(cx.transport());
    }
}
