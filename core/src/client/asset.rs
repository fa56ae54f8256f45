//! A text the library brings along, and the action that answers with it or with 304.

use std::rc::Rc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha1::{Digest, Sha1};

use crate::action::{Action, Callback, Callbacks, Context, Declaration, Place, Table};
use crate::files::lists_tag;
use crate::transport::Transport;

/// A text, its type, and a tag that changes with it.
pub(crate) struct Asset {
    content_type: &'static str,
    text: String,
    /// With its quotes; strong, for the text is all that is ever sent.
    etag: String,
}

impl Asset {
    /// An asset whose tag is a digest of its text: the same on every machine of a release.
    pub fn new(content_type: &'static str, text: String) -> Rc<Self> {
        let etag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(Sha1::digest(&text)));
        Rc::new(Self { content_type, text, etag })
    }

    /// What a route makes for each request.
    pub fn recipe(self: Rc<Self>) -> impl Fn() -> ServeAsset {
        move || ServeAsset(self.clone())
    }
}

/// One request for an asset.
pub(crate) struct ServeAsset(Rc<Asset>);

impl Action for ServeAsset {
    const DECLARATION: Declaration =
        Declaration { name: "Client", transports: &[Transport::Regular], ..Declaration::DEFAULT };
}

impl Callbacks for ServeAsset {
    const TABLE: Table<Self> = Table {
        on_start: &[Callback {
            name: "send",
            place: Place { file: file!(), line: line!() },
            call: |served, cx| {
                served.send(cx);
                Ok(())
            },
        }],
        ..Table::EMPTY
    };
}

impl ServeAsset {
    fn send(&mut self, cx: &mut Context<Self>) {
        let Asset { content_type, text, etag } = &*self.0;
        cx.set_header("etag", etag);
        // Its name stays when the library changes, so a copy is asked about before each use.
        cx.set_header("cache-control", "no-cache");
        if cx.header("if-none-match").is_some_and(|tags| lists_tag(tags, etag)) {
            cx.set_status(304);
        } else {
            cx.set_header("content-type", content_type);
            cx.set_header("x-content-type-options", "nosniff");
            cx.render(text.as_str());
        }
        cx.finish();
    }
}
