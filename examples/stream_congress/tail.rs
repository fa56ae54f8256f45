//! The service that follows the feed's file: it belongs to the process, not to a viewer.

use std::io;

use crampon::prelude::*;

use crate::feed::Feed;
use crate::feed_file::FeedFile;

/// Reads what is appended to the file into the feed, and tells the viewers.
#[service]
pub struct Tail {
    file: FeedFile,
    feed: Rc<Feed>,
    /// Bytes of the file that are in the feed: whole lines.
    taken: u64,
    lines: u64,
}

#[callbacks]
impl Tail {
    #[on_start]
    fn listen(&mut self, cx: &mut Context<Self>) {
        cx.subscribe("posted");
    }

    #[on_message]
    fn posted(&mut self, cx: &mut Context<Self>, _: &Message) {
        self.look(cx);
    }

    /// Others append to the file too.
    #[periodic_timer(every = "1s")]
    fn look(&mut self, cx: &mut Context<Self>) {
        let (file, from) = (self.file.clone(), self.taken);
        cx.defer(move || file.read_from(from)).then(
            move |this, cx, bytes| -> crampon::Result<()> {
                let Some(bytes) = bytes?? else {
                    warn!("the feed was cut short; it is followed from its beginning");
                    this.taken = 0;
                    return Ok(());
                };
                if this.take(&bytes, from) {
                    cx.publish("activities", "there are new ones");
                }
                Ok(())
            },
        );
    }
}

impl Tail {
    /// Takes what is in the file, and follows it from there.
    pub fn start(file: FeedFile, feed: Rc<Feed>) -> io::Result<Self> {
        let bytes = file.read_from(0)?.unwrap_or_default();
        let mut tail = Self { file, feed, taken: 0, lines: 0 };
        tail.take(&bytes, 0);
        Ok(tail)
    }

    /// Takes the whole lines of what was read at `from`, and says whether there were any.
    ///
    /// Two reads may overlap, and what the other one brought is skipped; a line that is still
    /// being written is left for the next read.
    fn take(&mut self, bytes: &[u8], from: u64) -> bool {
        let Some(known) = self.taken.checked_sub(from) else { return false };
        let known = known as usize;
        let fresh = bytes.get(known..).unwrap_or_default();
        let Some(end) = fresh.iter().rposition(|byte| *byte == b'\n') else { return false };
        for line in fresh[..end].split(|byte| *byte == b'\n') {
            self.lines += 1;
            match serde_json::from_slice(line) {
                Ok(statement) => self.feed.add(self.lines, statement),
                Err(error) => warn!(line = self.lines, %error, "the feed has a line that is none"),
            }
        }
        self.taken += end as u64 + 1;
        true
    }
}
