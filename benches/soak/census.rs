//! How many actions there are, counted as they are made and dropped.

use std::cell::Cell;

use crampon::prelude::*;

/// How many there are.
#[derive(Clone, Default)]
pub struct Census(Rc<Cell<usize>>);

/// One of them, for as long as it lives.
pub struct Count(Census);

impl Census {
    /// Counts one.
    pub fn count(&self) -> Count {
        self.0.set(self.0.get() + 1);
        Count(self.clone())
    }

    /// The action that says how many there are.
    pub fn tell(&self) -> Tell {
        Tell(self.clone())
    }
}

impl Drop for Count {
    fn drop(&mut self) {
        let left = &self.0.0;
        left.set(left.get() - 1);
    }
}

/// Says how many actions there are.
#[action(transport = regular)]
pub struct Tell(Census);

#[callbacks]
impl Tell {
    #[on_start]
    fn tell(&mut self, cx: &mut Context<Self>) {
        cx.set_header("content-type", "text/plain");
        cx.render(format!("actions {}\n", self.0.0.get()));
        cx.finish();
    }
}
