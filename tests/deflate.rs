//! permessage-deflate over real sockets: what is agreed, who hears what, and who is refused.

use crampon::prelude::*;
use crampon::protocol::websocket::deflate::{Deflater, Direction, WindowBits};
use crampon::protocol::websocket::{Opcode, masked};
use crampon_tests::{Browser, Frame, Host, Request, Socket};

/// Says what it hears.
#[action(transport = websocket)]
struct Echo;

#[callbacks]
impl Echo {
    #[on_data]
    fn answer(&mut self, cx: &mut Context<Self>, data: Data<'_>) {
        cx.render(data);
    }
}

/// Says what it hears, each viewer with a context of its own.
#[action(transport = websocket, deflate = dedicated, deflate_bytes_min = 0)]
struct Intimate;

#[callbacks]
impl Intimate {
    #[on_data]
    fn answer(&mut self, cx: &mut Context<Self>, data: Data<'_>) {
        cx.render(data);
    }
}
