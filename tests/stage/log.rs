//! What the worlds of a thread log.

use tracing::subscriber::DefaultGuard;

use crate::Log;

/// What a thread logs, from [`listen`](Self::listen) on until this is dropped.
pub struct Listening {
    log: Log,
    _guard: DefaultGuard,
}

impl Listening {
    /// Begins to listen.
    #[must_use]
    pub fn listen() -> Self {
        let log = Log::default();
        let guard = log.install();
        Self { log, _guard: guard }
    }

    /// The lines that say `what`.
    pub fn lines_with(&self, what: &str) -> Vec<String> {
        let text = self.log.text();
        text.lines().filter(|line| line.contains(what)).map(str::to_owned).collect()
    }

    /// Expects exactly one line that says all of this.
    #[track_caller]
    pub fn expect_line(&self, words: &[&str]) {
        let mut lines = self.lines_with(words[0]);
        lines.retain(|line| words.iter().all(|word| line.contains(word)));
        assert_eq!(lines.len(), 1, "lines that say {words:?}: {lines:#?}");
    }
}
