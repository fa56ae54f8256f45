//! History: who comes back with a cursor hears what it missed, on whatever transport it comes.

mod dropping;
mod gaps;
mod keeping;
mod numbering;
mod polling;
mod replaying;
mod resuming;
mod shaping;
mod storming;

use crampon::prelude::*;
use crampon::trial::{Heard, Trial, Visit, World};

/// What is kept of these tests.
const NEWS: Channel = Channel::new("news").history(100);

/// Hears the news.
#[action(transport = websocket | sse | long_polling)]
struct Reader;

#[callbacks]
impl Reader {
    #[on_start]
    fn join(&mut self, cx: &mut Context<Self>) {
        cx.subscribe(NEWS);
    }
}

fn house() -> World {
    World::new(Routes::new().at("/", || Reader))
}

/// One thing heard with its cursor, whatever carried it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Said {
    id: Option<String>,
    event: String,
    data: String,
}

/// All that a viewer has heard of events, and the cursor it is left with.
fn heard(trial: &mut Trial, cursor: &mut String) -> Vec<Said> {
    let mut said = Vec::new();
    let stands_at = trial.header("last-event-id");
    for heard in trial.heard() {
        let items = match heard {
            Heard::Event { name, id, data } => vec![Said { id: Some(id), event: name, data }],
            Heard::Text(text) => vec![envelope(&text)],
            Heard::Body(body) => batch(&body),
            _ => vec![],
        };
        said.extend(items);
    }
    let last = said.iter().rev().find_map(|said| said.id.clone()).or(stands_at);
    if let Some(id) = last {
        *cursor = id;
    }
    said.retain(|said| !said.event.is_empty() && said.event != "crampon.position");
    said
}

fn envelope(text: &str) -> Said {
    item(&serde_json::from_str(text).expect("an envelope is JSON"))
}

fn item(value: &serde_json::Value) -> Said {
    let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let id = value["id"].as_str().map(str::to_owned);
    Said { id, event: text("event"), data: text("data") }
}

fn batch(body: &[u8]) -> Vec<Said> {
    let items: Vec<serde_json::Value> = serde_json::from_slice(body).expect("an array");
    items.iter().map(item).collect()
}

/// The ways to ask for the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Socket,
    Events,
    Poll,
}

const WAYS: [Way; 3] = [Way::Socket, Way::Events, Way::Poll];

impl Way {
    fn visit(self, target: &str, cursor: &str) -> Visit {
        let joint = if target.contains('?') { '&' } else { '?' };
        let from = format!("{target}{joint}last-event-id={cursor}");
        match self {
            Self::Socket => {
                Visit::socket(&from).header("sec-websocket-protocol", "crampon.event.v1")
            }
            Self::Events => Visit::events(&from),
            Self::Poll => Visit::get(&from).header("accept", "application/json"),
        }
    }
}

fn texts(said: &[Said]) -> Vec<&str> {
    said.iter().map(|said| said.data.as_str()).collect()
}
