//! The codes a WebSocket is closed with (RFC 6455, section 7.4, and the IANA registry).

/// The purpose of the connection is fulfilled.
pub const NORMAL: u16 = 1000;
/// The server stops, or the browser leaves the page.
pub const GOING_AWAY: u16 = 1001;
/// The peer broke the protocol.
pub const PROTOCOL_ERROR: u16 = 1002;
/// The peer sent a kind of data that is not taken, binary for text.
pub const UNSUPPORTED: u16 = 1003;
/// Stands for a close frame without a code; never sent.
pub const NO_CODE: u16 = 1005;
/// Stands for a connection that ended without a close frame; never sent.
pub const ABNORMAL: u16 = 1006;
/// The peer sent data that is not what its kind promises, text that is not UTF-8.
pub const INVALID_PAYLOAD: u16 = 1007;
/// The peer broke a rule of ours that has no code of its own.
pub const POLICY: u16 = 1008;
/// The peer sent a longer message than we take.
pub const TOO_LONG: u16 = 1009;
/// Something failed on our side.
pub const INTERNAL_ERROR: u16 = 1011;
/// The server restarts; the client may reconnect.
pub const SERVICE_RESTART: u16 = 1012;
/// The peer is too much for us now and may come back later.
pub const TRY_AGAIN_LATER: u16 = 1013;

/// Whether a close frame may carry the code.
///
/// 1004, 1005, 1006 and 1015 stand for what happens without a frame; below 1000, from 1016 to 2999
/// and from 5000 on nothing is assigned. 1012 to 1014 were registered after the RFC and may.
pub fn is_sendable_close_code(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_that_stand_for_no_frame_or_nothing_may_not_be_sent() {
        for (codes, is_sendable) in [
            (0..=999, false),
            (1000..=1003, true),
            (1004..=1006, false),
            (1007..=1014, true),
            (1015..=2999, false),
            (3000..=4999, true),
            (5000..=u16::MAX, false),
        ] {
            for code in codes {
                assert_eq!(is_sendable_close_code(code), is_sendable, "{code}");
            }
        }
    }
}
