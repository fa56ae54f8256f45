//! The limits of a server that sets none.

use std::time::Duration;

use super::{Limits, TooFast};
use crate::action::Deflate;
use crate::protocol::http::HeadLimits;
use crate::protocol::websocket::deflate::WindowBits;

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: HeadLimits::default(),
            head_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            idle_timeout_when_full: Duration::from_secs(1),
            form_bytes_max: 64 * KIB,
            body_bytes_max: 2 * MIB,
            body_timeout: Duration::from_secs(30),
            body_rate_min: 240,
            requests_per_connection_max: 100_000,
            message_bytes_max: MIB,
            deflate: Deflate::Shared,
            deflate_bytes_min: 256,
            deflate_window_bits_max: WindowBits::MAX,
            fragments_max: 65_536,
            messages_per_second_max: None,
            messages_at_once_max: 100,
            messages_too_fast: TooFast::HoldBack,
            outbox_bytes_max: MIB,
            memory_soft_bytes: 256 * MIB,
            memory_hard_bytes: 512 * MIB,
            event_bytes_max: 256 * KIB,
            posted_bytes_max: 64 * MIB,
            connections_soft_max: None,
            connections_max: Some(100_000),
            connections_per_address_max: None,
            accepts_per_second_max: None,
            shed_retry_max: Duration::from_secs(5),
            channel_idle_timeout: Duration::from_secs(600),
            presence_bytes_max: KIB,
            presence_members_max: 5_000,
            presence_grace: Duration::from_secs(10),
            write_timeout: Duration::from_secs(30),
            tcp_keep_alive: Some(Duration::from_secs(15)),
            write_rate_min: 30,
            hold_timeout: Duration::from_secs(30),
            answer_timeout: Duration::from_secs(30),
            poll_timeout: Duration::from_secs(25),
            stream_life_max: Some(Duration::from_secs(7 * 24 * 3600)),
            channels_per_connection_max: 1_000,
            timers_per_action_max: 1_000,
            sse_keep_alive: Duration::from_secs(15),
            websocket_keep_alive: Duration::from_secs(25),
            pong_timeout: Duration::from_secs(20),
            close_timeout: Duration::from_secs(5),
            linger_timeout: Duration::from_secs(2),
            stop_delay: Duration::ZERO,
            stop_timeout: Duration::from_secs(8),
            stop_head_timeout: Duration::from_secs(1),
            stop_close_timeout: Duration::from_secs(1),
            stop_streams_per_second: 1_000,
            stop_retry_max: Duration::from_secs(3),
            slow_callback: Some(Duration::from_millis(50)),
            read_bytes_per_tick: MIB,
            discard_bytes_max: 64 * KIB,
        }
    }
}

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;
