//! A picture frame on many walls: whoever names a picture hangs it in every browser.
//!
//! ```sh
//! cargo run --example picture_frame   # then open http://127.0.0.1:3000/, more than once
//! curl -N http://127.0.0.1:3000/pictures
//! curl -d keyword=sunset http://127.0.0.1:3000/publish
//! ```
//!
//! Server-sent events down, a form up: two-way enough, and no proxy minds. The search behind it
//! may take its time (`--latency 2s` says how far away it is): the loop never waits for it. Who
//! arrives sees the picture that hangs, and who was away for a while those it missed.

mod album;
mod distant;
mod search;

use std::io;
use std::sync::Arc;

use crampon::prelude::*;
use crampon_examples::{address, duration, is_development, public};

use album::Album;
use distant::Distant;
use search::{Picture, Search};

const PICTURES: Channel<Picture> = Channel::new("pictures").history(20).event("picture");

/// A wall: it shows the picture that hangs, and each that is hung from now on.
#[action(transport = sse)]
struct Wall;

#[callbacks]
impl Wall {
    #[on_start]
    fn look(&mut self, cx: &mut Context<Self>) {
        cx.subscribe(PICTURES.replay(Replay::Last(1)));
    }
}

/// Hangs the picture that a keyword finds, and answers with it.
#[action(transport = regular)]
struct Publish {
    search: Arc<dyn Search>,
}

#[callbacks]
impl Publish {
    #[on_start]
    fn ask(&mut self, cx: &mut Context<Self>) -> Result<(), Halt> {
        let keyword: String = cx.param("keyword")?;
        let keyword = keyword.trim().to_owned();
        if keyword.is_empty() || keyword.len() > KEYWORD_BYTES_MAX {
            let says = format!("`keyword` has 1 to {KEYWORD_BYTES_MAX} bytes");
            return Err(refusal(400, &says));
        }
        let (search, wanted) = (self.search.clone(), keyword.clone());
        cx.defer(move || search.find(&wanted))
            .then(move |_, cx, found| Self::hang(cx, &keyword, found?));
        Ok(())
    }

    fn hang(
        cx: &mut Context<Self>,
        keyword: &str,
        found: io::Result<Option<Picture>>,
    ) -> Result<(), Halt> {
        let found = found.map_err(|error| refusal(502, &format!("the search failed: {error}")))?;
        let Some(picture) = found else {
            return Err(refusal(404, &format!("there is no picture of `{keyword}`")));
        };
        cx.publish(PICTURES, &picture);
        cx.render(Event::json(&picture));
        cx.finish();
        Ok(())
    }
}

fn refusal(status: u16, says: &str) -> Halt {
    Halt::new(status, format!("{says}\n")).header("content-type", "text/plain; charset=utf-8")
}

const KEYWORD_BYTES_MAX: usize = 64; // a few words; it is repeated to who asked

fn main() -> crampon::Result<()> {
    let album = Album::new(public("picture_frame").join("album"), "/album");
    let latency = duration("--latency", Duration::ZERO);
    let search: Arc<dyn Search> = Arc::new(Distant { search: album, latency });
    let routes = Routes::new()
        .at("/pictures", || Wall)
        .post("/publish", move || Publish { search: search.clone() })
        .files("/", public("picture_frame"));
    Server::bind(address())?.development(is_development()).serve(routes)
}
