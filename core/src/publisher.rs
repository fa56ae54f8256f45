//! The action that publishes what arrives by HTTP: `POST` with a token (RFC 6750, section 2.1).
//!
//! It decides who may say what on which channel. What becomes of it is the channel's to know.

use std::fmt;
use std::hint::black_box;
use std::rc::Rc;

use http::header::CONTENT_TYPE;
use serde::de::IgnoredAny;

use crate::action::{
    Action, Callback, Callbacks, Channel, Context, Data, Declaration, Effect, Event, Failure,
    FromData, Halt, Outcome, Place, Rejection, RenderError, Table,
};
use crate::protocol::http::BodyLength;
use crate::transport::Transport;

/// Publishes what is posted to it, for who shows its token: how a job, a script or another
/// program says something to those who watch.
///
/// It is mounted under a path with the parameter `{channel}`, and publishes on the channels it is
/// given and on their [members](Channel::at), on no others:
///
/// ```
/// use crampon::prelude::*;
/// use crampon::trial::{Visit, World};
///
/// const NEWS: Channel = Channel::new("news").history(100);
/// const ROOM: Channel = Channel::new("room").history(200);
///
/// /// Hears the news.
/// #[action(transport = sse, subscribe = NEWS)]
/// struct Reader;
///
/// #[callbacks]
/// impl Reader {}
///
/// let token = "correct-horse-battery"; // from the environment, and long
/// let publisher = Publisher::new(token).to(&NEWS).to(&ROOM);
/// let routes = Routes::new()
///     .at("/news", || Reader)
///     .post("/publish/{channel}", publisher.recipe());
///
/// let world = World::new(routes);
/// let mut reader = world.events("/news");
/// let post = Visit::post("/publish/news?event=flash", "it rains")
///     .header("authorization", "Bearer correct-horse-battery");
/// world.visit(post).expect_status(204);
/// reader.expect_event("flash", "it rains");
/// ```
///
/// From a shell: `curl -H "Authorization: Bearer $TOKEN" -d dinner $HOST/publish/room:kitchen`.
///
/// The body is what is said, as it is: text, or bytes if its content type is
/// `application/octet-stream`. The query may say more: `event`, the name of the event; `key`, its
/// [key](Event::key); `id`, its id where that is not the channel's to give, as on a
/// [numbered](Channel::numbered) channel.
///
/// A [`Channel`] of a type takes JSON, and says it as it came: whether it has the type's shape, its
/// publisher has to know. Where values have [keys](Channel::keyed_by), `key` must say it.
///
/// | answer | to |
/// |---|---|
/// | 204 | what was taken, and is delivered at the end of this tick |
/// | 400 | what nobody could be told: text that is not UTF-8, a name of two lines, no JSON, no key |
/// | 401 | who shows no token, or another one; nothing of a body is read before |
/// | 404 | another channel |
/// | 413 | more bytes than [`event_bytes_max`](crate::Limits::event_bytes_max) |
///
/// A number that is not above the last of its channel is taken and not said again, so who did not
/// get the answer may post once more.
#[derive(Clone)]
pub struct Publisher {
    token: Rc<str>,
    outlets: Rc<Vec<Outlet>>,
    /// What the request is to be published on, once that is known to be allowed.
    chosen: Option<Outlet>,
}

/// A channel that may be published on, its type forgotten.
#[derive(Clone)]
struct Outlet {
    channel: Channel,
    takes_json: bool,
    has_keys: bool,
}

impl Publisher {
    /// A publisher for who knows this token; it publishes on nothing yet.
    ///
    /// # Panics
    /// When the token is empty, or one no client could send: it is visible ASCII without spaces.
    #[track_caller]
    pub fn new(token: &str) -> Self {
        assert!(!token.is_empty(), "an empty token would let anyone publish; give a long one");
        let can_be_sent = token.bytes().all(|byte| byte.is_ascii_graphic());
        assert!(can_be_sent, "a token is visible ASCII without spaces: it travels in a header");
        Self { token: token.into(), outlets: Rc::default(), chosen: None }
    }

    /// Lets it publish on a channel, and on its members.
    #[must_use]
    pub fn to<T: ?Sized>(mut self, channel: &Channel<T>) -> Self {
        let outlet = Outlet {
            channel: channel.untyped(channel.name()),
            takes_json: channel.is_typed(),
            has_keys: channel.has_keys(),
        };
        Rc::make_mut(&mut self.outlets).push(outlet);
        self
    }

    /// The recipe for a route.
    pub fn recipe(self) -> impl Fn() -> Self {
        move || self.clone()
    }

    /// Lets nobody in without the token, nor to a channel it does not publish on.
    fn check(&mut self, cx: &Context<Self>) -> Result<(), Halt> {
        if !bearer(cx).is_some_and(|token| is_same(token, &self.token)) {
            return Err(refusal(401, "publishing needs the token, as `Authorization: Bearer ..`")
                .header("www-authenticate", "Bearer"));
        }
        let name: String = cx.param("channel")?;
        let Some(outlet) = self.outlets.iter().find(|outlet| outlet.channel.covers(&name)) else {
            return Err(refusal(404, &format!("no channel `{name}` is published on here")));
        };
        let channel = outlet.channel.untyped(&name);
        self.chosen = Some(Outlet { channel, ..*outlet });
        let bytes_max = cx.desk.surroundings.event_bytes_max;
        match cx.request().head().body() {
            BodyLength::Length(bytes) if bytes > bytes_max as u64 => {
                let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
                Err(untellable(&RenderError::TooLong { bytes, bytes_max }))
            }
            _ => Ok(()),
        }
    }

    /// Publishes the body.
    fn publish(&mut self, cx: &mut Context<Self>, data: Data<'_>) -> Outcome {
        let Outlet { channel, takes_json, has_keys } =
            self.chosen.take().expect("a body is read only once its channel is chosen");
        let mut event = if takes_json {
            let text = json(data).map_err(Failure::Rejected)?;
            Event { is_json: true, ..Event::from(text) }
        } else if is_binary(cx) {
            Event::binary(data.bytes())
        } else {
            Event::from(<&str>::from_data(data).map_err(Failure::Rejected)?)
        };
        let query = cx.request().head().query().unwrap_or_default().as_bytes();
        for (field, value) in form_urlencoded::parse(query) {
            event = match &*field {
                "event" => event.named(value.into_owned()),
                "key" => event.key(value.into_owned()),
                "id" => event.id(value.into_owned()),
                _ => event,
            };
        }
        if has_keys && event.key.is_none() {
            let says = "what is said on this channel has a key; say it as `?key=`";
            return Err(Failure::Halt(refusal(400, says)));
        }
        let bytes_max = cx.desk.surroundings.event_bytes_max;
        let publishing = channel.publishing(event).and_then(|said| said.within(bytes_max));
        let publishing = publishing.map_err(|error| Failure::Halt(untellable(&error)))?;
        cx.desk.record(Effect::Publish(publishing));
        cx.set_status(204);
        cx.finish();
        Ok(())
    }
}

// Who forgot an attribute is to be told of that, not that a publisher is an action.
#[diagnostic::do_not_recommend]
impl Action for Publisher {
    const DECLARATION: Declaration = Declaration {
        name: "Publisher",
        transports: &[Transport::Regular],
        ..Declaration::DEFAULT
    };
}

#[diagnostic::do_not_recommend]
impl Callbacks for Publisher {
    const TABLE: Table<Self> = Table {
        before_start: &[Callback {
            name: "check",
            place: Place { file: file!(), line: line!() },
            call: |publisher, cx| publisher.check(cx).map_err(Failure::Halt),
        }],
        on_data: &[Callback {
            name: "publish",
            place: Place { file: file!(), line: line!() },
            call: |publisher, cx, data| publisher.publish(cx, data),
        }],
        ..Table::EMPTY
    };
}

impl fmt::Debug for Publisher {
    /// Leaves the token out: what is printed is read by others.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let channels: Vec<&str> = self.outlets.iter().map(|outlet| outlet.channel.name()).collect();
        f.debug_struct("Publisher").field("channels", &channels).finish_non_exhaustive()
    }
}

/// The token the client shows.
fn bearer(cx: &Context<Publisher>) -> Option<&str> {
    let (scheme, token) = cx.header("authorization")?.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim_start())
}

/// Compares without a hint at how much of the token was right: every byte is looked at, whatever
/// the others were. Only its length can be timed.
fn is_same(shown: &str, token: &str) -> bool {
    let pairs = shown.bytes().zip(token.bytes());
    let difference = pairs.fold(0, |difference, (a, b)| black_box(difference | (a ^ b)));
    shown.len() == token.len() && difference == 0
}

fn is_binary(cx: &Context<Publisher>) -> bool {
    let kind = cx.header(CONTENT_TYPE.as_str()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/octet-stream")
}

/// The text of a body that is JSON, of whatever shape.
fn json(data: Data<'_>) -> Result<&str, Rejection> {
    let text = <&str>::from_data(data)?;
    match serde_json::from_str::<IgnoredAny>(text) {
        Ok(_) => Ok(text),
        Err(error) => Err(Rejection::Json { error: error.to_string() }),
    }
}

/// The answer to what cannot be published.
fn untellable(error: &RenderError) -> Halt {
    let status = if matches!(error, RenderError::TooLong { .. }) { 413 } else { 400 };
    refusal(status, &error.to_string())
}

fn refusal(status: u16, says: &str) -> Halt {
    Halt::new(status, format!("{says}\n")).header("content-type", "text/plain; charset=utf-8")
}
