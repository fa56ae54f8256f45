//! Event streams: however they are cut they read the same, as a browser reads them, and what is
//! written is what is read.

use std::time::Duration;

use crampon::protocol::sse::{Decoder, Fields, Item, encode, encode_comment};

use crate::pieces::{ends, split};
use crate::strict::{Block, events};

/// Claims it for the bytes after the first: as a stream, and as what an event says.
pub fn sse(input: &[u8]) {
    let Some((step, bytes)) = split(input) else { return };
    let whole = read(bytes, [bytes.len()], usize::MAX).expect("there is no limit");
    let in_pieces = read(bytes, ends(bytes.len(), step), usize::MAX).expect("there is no limit");
    assert_eq!(in_pieces, whole, "pieces of {step} bytes");
    assert_eq!(whole, judged(bytes), "as a browser reads it");
    let is_short = |ends: Result<Vec<Item>, ()>| ends.is_ok();
    assert_eq!(
        is_short(read(bytes, [bytes.len()], 32)),
        is_short(read(bytes, ends(bytes.len(), step), 32)),
        "what is too long is too long in pieces"
    );
    if let Ok(text) = std::str::from_utf8(bytes) {
        write_and_read(text, step);
    }
}

fn read(
    bytes: &[u8],
    ends: impl IntoIterator<Item = usize>,
    event_bytes_max: usize,
) -> Result<Vec<Item>, ()> {
    let mut decoder = Decoder::new(event_bytes_max);
    let (mut items, mut start) = (Vec::new(), 0);
    for end in ends {
        items.extend(decoder.feed(&bytes[start..end]).map_err(drop)?);
        start = end;
    }
    Ok(items)
}

fn judged(bytes: &[u8]) -> Vec<Item> {
    let item = |block| match block {
        Block::Event { id, name, data } => {
            Item::Event(crampon::protocol::sse::Event { id, event: name, data })
        }
        Block::Retry(milliseconds) => Item::Retry(Duration::from_millis(milliseconds)),
        Block::Comment(text) => Item::Comment(text),
    };
    events(bytes).into_iter().map(item).collect()
}

/// What an event says is what is heard, unless it would break its lines; then nothing is written.
fn write_and_read(text: &str, step: usize) {
    let mut parts = text.splitn(3, '|');
    let (id, name) = (parts.next(), parts.next());
    let data = parts.next();
    let retry = step.is_multiple_of(3).then(|| Duration::from_millis(step as u64));
    let mut written = Vec::new();
    encode_comment(&mut written, text);
    let comments = written.len();
    let outcome = encode(&mut written, &Fields { id, event: name, retry, data });
    let breaks = |text: Option<&str>| text.is_some_and(|text| text.contains(['\n', '\r', '\0']));
    let is_legal = !breaks(id) && !breaks(name);
    assert_eq!(outcome.is_ok(), is_legal, "{outcome:?}");
    let heard = events(&written);
    let said: Vec<_> = heard.iter().filter(|it| !matches!(it, Block::Comment(_))).collect();
    if !is_legal {
        assert_eq!((written.len(), said.len()), (comments, 0), "nothing is written");
        return;
    }
    let data = data.map(|data| data.replace("\r\n", "\n").replace('\r', "\n"));
    let retry = retry.map(|_| Block::Retry(step as u64));
    let event = data.map(|data| Block::Event {
        id: id.unwrap_or_default().to_owned(),
        name: name.filter(|name| !name.is_empty()).unwrap_or("message").to_owned(),
        data,
    });
    assert!(said.into_iter().eq(retry.iter().chain(&event)), "{heard:?}");
}
