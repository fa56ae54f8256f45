//! Anyone may post an activity: it is appended to the feed's file, and so reaches everyone.

use std::io;

use crampon::prelude::*;

use crate::feed::Statement;
use crate::feed_file::FeedFile;

/// Appends the activity it is sent, off the loop. A malformed one gets 400 and the reason.
#[action(transport = regular, body_bytes_max = 16 * 1024)]
pub struct Post {
    pub file: FeedFile,
}

#[callbacks]
impl Post {
    #[on_data]
    fn append(
        &mut self,
        cx: &mut Context<Self>,
        Json(statement): Json<Statement>,
    ) -> Result<(), Halt> {
        let chars = statement.text.trim().chars().count();
        if !(1..=TEXT_CHARS_MAX).contains(&chars) {
            let says = format!("`text` has {chars} characters; it takes 1 to {TEXT_CHARS_MAX}\n");
            return Err(Halt::new(400, says));
        }
        let file = self.file.clone();
        cx.defer(move || file.append(&statement)).then(Self::appended);
        Ok(())
    }

    fn appended(
        &mut self,
        cx: &mut Context<Self>,
        written: Result<io::Result<()>, DeferError>,
    ) -> crampon::Result<()> {
        written??;
        cx.publish("posted", "look at the file");
        cx.set_status(201);
        cx.finish();
        Ok(())
    }
}

/// Characters of an activity: four lines of a column.
const TEXT_CHARS_MAX: usize = 280;
