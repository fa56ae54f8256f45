//! The feed as the viewers read it: the activities of the file, in memory, by their ids.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What happened, with its place in the feed.
#[derive(Debug, Serialize)]
pub struct Activity {
    /// The number of its line in the file, counted from one.
    pub id: u64,
    #[serde(flatten)]
    pub statement: Statement,
}

/// What happened: one line of the file, and the body of a post.
#[derive(Debug, Serialize, Deserialize)]
pub struct Statement {
    pub chamber: Chamber,
    pub text: String,
}

/// Where it happened.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Chamber {
    House,
    Senate,
}

/// The activities, oldest first.
pub struct Feed {
    /// How often a viewer looks for news.
    pub every: Duration,
    activities: RefCell<Vec<Rc<Activity>>>,
}

impl Feed {
    pub fn new(every: Duration) -> Self {
        Self { every, activities: RefCell::default() }
    }

    /// Where a viewer starts to read: behind the activity last seen, or before the latest few.
    ///
    /// An id the feed has not reached is from another feed, and counts as none.
    pub fn resume(&self, last_seen: Option<u64>) -> u64 {
        let newest = self.activities.borrow().last().map_or(0, |activity| activity.id);
        match last_seen {
            Some(id) if id <= newest => id,
            _ => newest.saturating_sub(LATEST_FEW),
        }
    }

    /// The activities behind `id`, oldest first.
    pub fn since(&self, id: u64) -> Vec<Rc<Activity>> {
        let activities = self.activities.borrow();
        let seen = activities.partition_point(|activity| activity.id <= id);
        activities[seen..].to_vec()
    }

    /// Adds what happened; ids only rise.
    pub fn add(&self, id: u64, statement: Statement) {
        self.activities.borrow_mut().push(Rc::new(Activity { id, statement }));
    }
}

/// Activities shown to who comes for the first time: a column of a page.
const LATEST_FEW: u64 = 5;
