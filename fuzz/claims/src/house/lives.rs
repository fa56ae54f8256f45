//! Lives: what each action of a house went through, and what it should not have.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use crampon::prelude::FinishReason;

/// All actions of a house, in the order they were made.
#[derive(Clone, Default)]
pub struct Lives(Rc<RefCell<Register>>);

#[derive(Default)]
struct Register {
    lives: Vec<Record>,
    fault: Option<String>,
}

/// How far one has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Made,
    Checked,
    Started,
    Finished(FinishReason),
}

struct Record {
    name: &'static str,
    stage: Stage,
    is_dropped: bool,
}

/// The life of one action, which writes itself down.
pub struct Life {
    lives: Lives,
    id: usize,
}

impl Lives {
    /// Begins a life.
    pub fn enter(&self, name: &'static str) -> Life {
        let mut register = self.0.borrow_mut();
        register.lives.push(Record { name, stage: Stage::Made, is_dropped: false });
        Life { lives: self.clone(), id: register.lives.len() - 1 }
    }

    /// The first thing that should not have happened.
    pub fn fault(&self) -> Option<String> {
        self.0.borrow().fault.clone()
    }

    /// How many began.
    pub fn count(&self) -> usize {
        self.0.borrow().lives.len()
    }

    /// What holds once everybody has gone: who started has finished, and nobody is there.
    ///
    /// # Errors
    /// Whom it does not hold for.
    pub fn check_over(&self) -> Result<(), String> {
        let register = self.0.borrow();
        for (id, Record { name, stage, is_dropped }) in register.lives.iter().enumerate() {
            if *stage == Stage::Started {
                return Err(format!("action {id} ({name}) started and never finished"));
            }
            if !is_dropped {
                return Err(format!("action {id} ({name}, {stage:?}) is kept"));
            }
        }
        Ok(())
    }
}

impl Life {
    /// A `before_start` runs.
    pub fn check(&self) {
        self.go(Stage::Checked, "is checked", |stage| {
            matches!(stage, Stage::Made | Stage::Checked)
        });
    }

    /// `on_start` runs.
    pub fn start(&self) {
        self.go(Stage::Started, "starts", |stage| stage == Stage::Checked);
    }

    /// `on_finish` runs.
    pub fn finish(&self, why: FinishReason) {
        self.go(Stage::Finished(why), "finishes", |stage| stage == Stage::Started);
    }

    /// A callback runs that only a started action has.
    pub fn act(&self, what: &str) {
        let stage = self.stage();
        self.go(stage, what, |stage| stage == Stage::Started);
    }

    /// A callback runs that an action has from its first check to its end: what was parked goes
    /// on, and the upstream half of an action hears data without having started.
    pub fn act_early(&self, what: &str) {
        let stage = self.stage();
        self.go(stage, what, |stage| matches!(stage, Stage::Checked | Stage::Started));
    }

    fn stage(&self) -> Stage {
        self.lives.0.borrow().lives[self.id].stage
    }

    fn go(&self, to: Stage, what: &str, may: impl Fn(Stage) -> bool) {
        let mut register = self.lives.0.borrow_mut();
        let Record { name, stage, .. } = &mut register.lives[self.id];
        let (name, from) = (*name, *stage);
        *stage = to;
        if !may(from) {
            let fault = format!("action {} ({name}) {what} when it is {from:?}", self.id);
            register.fault.get_or_insert(fault);
        }
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        self.lives.0.borrow_mut().lives[self.id].is_dropped = true;
    }
}

impl fmt::Debug for Lives {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let register = self.0.borrow();
        let lives = register.lives.iter().map(|life| (life.name, life.stage));
        f.debug_list().entries(lives).finish()
    }
}
