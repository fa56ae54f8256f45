//! The five wires, for what must hold on every one of them.

use crampon::action::Declaration;
use crampon::transport::Transport;

use crate::Request;

/// The transports; their place here is the `WIRE` of an action generic over it.
pub const WIRES: [Transport; 5] = [
    Transport::Regular,
    Transport::Chunked,
    Transport::Sse,
    Transport::LongPolling,
    Transport::Websocket,
];

/// The declaration of an action that speaks on one of the [`WIRES`].
pub const fn declared(name: &'static str, wire: usize) -> Declaration {
    let transports: &'static [Transport] = match wire {
        0 => &[WIRES[0]],
        1 => &[WIRES[1]],
        2 => &[WIRES[2]],
        3 => &[WIRES[3]],
        _ => &[WIRES[4]],
    };
    Declaration { name, transports, ..Declaration::DEFAULT }
}

/// The path such an action is routed at.
pub fn path_of(transport: Transport) -> String {
    format!("/{transport}")
}

/// The bytes that ask for it.
pub fn opening(transport: Transport) -> Vec<u8> {
    let path = path_of(transport);
    match transport {
        Transport::Websocket => Request::upgrade(&path, &[]).bytes(),
        _ => format!("GET {path} HTTP/1.1\r\nhost: test\r\n\r\n").into_bytes(),
    }
}
