//! What `Connection` says about the connection's future (RFC 9112, section 9.3).

use super::{grammar::elements, version::Version};

/// What `Connection` has said so far about the connection's future.
#[derive(Default)]
pub(super) struct ConnectionOptions {
    close: bool,
    keep_alive: bool,
}

impl ConnectionOptions {
    /// Hears one `Connection` header; there may be several.
    pub(super) fn hear(&mut self, value: &[u8]) {
        if value == b"keep-alive" {
            // Most say this, in these letters.
            self.keep_alive = true;
            return;
        }
        for option in elements(value) {
            self.close |= option.eq_ignore_ascii_case(b"close");
            self.keep_alive |= option.eq_ignore_ascii_case(b"keep-alive");
        }
    }

    /// Whether the sender will go on with the connection after this message.
    pub(super) fn keeps_alive(&self, version: Version) -> bool {
        !self.close && (self.keep_alive || version == Version::Http11)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_kept_by_default_since_1_1_and_on_request_before() {
        for (values, kept_in_1_0, kept_in_1_1) in [
            (&[][..], false, true),
            (&["keep-alive"], true, true),
            (&["close"], false, false),
            (&["Upgrade, Keep-Alive"], true, true),
            (&["keep-alive", "CLOSE"], false, false),
            (&["closed, keep-alives"], false, true),
        ] {
            let mut options = ConnectionOptions::default();
            values.iter().for_each(|value| options.hear(value.as_bytes()));
            let kept = [Version::Http10, Version::Http11].map(|one| options.keeps_alive(one));
            assert_eq!(kept, [kept_in_1_0, kept_in_1_1], "{values:?}");
        }
    }
}
