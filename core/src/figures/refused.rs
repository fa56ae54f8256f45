//! Why a client was refused something: the reasons that are counted.

/// Why a client was refused something, or let go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// What arrived is no request, or can be read in two ways: 400, 411, 417, 501, 505.
    BadRequest,
    /// A head over its limits: 414, 431.
    HeadTooLong,
    /// A head that did not arrive in time: 408.
    HeadTimeout,
    /// A body over its limit: 413.
    BodyTooLong,
    /// A body that did not go on, or drips: 408.
    BodyTimeout,
    /// A page of another origin, where it may not speak: 403.
    ForeignOrigin,
    /// A connection when as many were open as may be: 503.
    ConnectionTooMany,
    /// A connection when as many were open from its address as may be: 429.
    AddressTooBusy,
    /// A silent connection when no file descriptor was left for one that waited: the end.
    GaveWay,
    /// A peer that broke the WebSocket protocol: 1002.
    BadFrame,
    /// Text that is none on a WebSocket: 1007.
    BadText,
    /// A compressed message that does not inflate: 1007.
    BadDeflate,
    /// A message over its limit: 1009.
    MessageTooLong,
    /// Messages that came too fast: held back, or 1008.
    MessagesTooFast,
    /// A subscription to one channel more than there may be: 1008, or 500.
    ChannelsTooMany,
    /// A timer more than there may be: 1008, or 500.
    TimersTooMany,
    /// One present on a channel on which as many are as may be: not listed.
    PresenceTooMany,
    /// Deferred work that found no place in the queue: an error to who asked.
    WorkTooMany,
    /// An action that did not answer, or was held for too long: 503.
    AnswerTimeout,
    /// A reader that takes less than is said: 1013.
    SlowReader,
    /// A reader that takes nothing, or next to nothing, of what waits for it: the end.
    WriteTimeout,
}

impl Refused {
    /// All there are, in order.
    pub const ALL: [Self; 21] = [
        Self::BadRequest,
        Self::HeadTooLong,
        Self::HeadTimeout,
        Self::BodyTooLong,
        Self::BodyTimeout,
        Self::ForeignOrigin,
        Self::ConnectionTooMany,
        Self::AddressTooBusy,
        Self::GaveWay,
        Self::BadFrame,
        Self::BadText,
        Self::BadDeflate,
        Self::MessageTooLong,
        Self::MessagesTooFast,
        Self::ChannelsTooMany,
        Self::TimersTooMany,
        Self::PresenceTooMany,
        Self::WorkTooMany,
        Self::AnswerTimeout,
        Self::SlowReader,
        Self::WriteTimeout,
    ];

    /// How many there are.
    pub const COUNT: usize = Self::ALL.len();

    /// The name of the reason in figures.
    pub fn name(self) -> &'static str {
        match self {
            Self::BadRequest => "bad_request",
            Self::HeadTooLong => "head_too_long",
            Self::HeadTimeout => "head_timeout",
            Self::BodyTooLong => "body_too_long",
            Self::BodyTimeout => "body_timeout",
            Self::ForeignOrigin => "foreign_origin",
            Self::ConnectionTooMany => "connection_too_many",
            Self::AddressTooBusy => "address_too_busy",
            Self::GaveWay => "gave_way",
            Self::BadFrame => "bad_frame",
            Self::BadText => "bad_text",
            Self::BadDeflate => "bad_deflate",
            Self::MessageTooLong => "message_too_long",
            Self::MessagesTooFast => "messages_too_fast",
            Self::ChannelsTooMany => "channels_too_many",
            Self::TimersTooMany => "timers_too_many",
            Self::PresenceTooMany => "presence_too_many",
            Self::WorkTooMany => "work_too_many",
            Self::AnswerTimeout => "answer_timeout",
            Self::SlowReader => "slow_reader",
            Self::WriteTimeout => "write_timeout",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_its_place_and_a_name_of_its_own() {
        for (place, why) in Refused::ALL.into_iter().enumerate() {
            assert_eq!(why as usize, place, "{why:?}");
            let namesakes = Refused::ALL.iter().filter(|it| it.name() == why.name());
            assert_eq!(namesakes.count(), 1, "{why:?}");
        }
    }
}
