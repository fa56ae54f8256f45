//! HTTP/1.1 on the wire, in both roles: heads and bodies in, heads and bodies out (RFC 9110, RFC
//! 9112).
//!
//! A server decodes with [`RequestHeads`] and [`BodyDecoder`] and answers with
//! [`encode_response_head`] and [`encode_chunk`]; a client encodes with [`encode_request_head`] and
//! decodes with [`ResponseHeads`] and [`BodyDecoder`]. Whatever can be read in two ways is refused
//! ([`Fault`]), so that nobody in front of the server reads a message differently than it does.
//! Nothing here knows a socket, a clock, a route or an action.

mod body_decoder;
mod body_length;
mod chunk_decoder;
mod chunk_encoder;
mod connection_options;
mod date;
mod diagnosis;
mod digits;
mod ends;
mod fault;
mod field_lines;
mod field_names;
mod fields;
pub(crate) mod forwarded;
mod grammar;
mod head_encoder;
mod head_limits;
mod head_room;
mod head_search;
mod header;
mod headers;
mod host;
mod methods;
mod origin;
mod packing;
mod request_head;
mod request_heads;
mod request_line;
mod response_head;
mod response_heads;
mod sharing;
mod status_line;
mod target;
#[cfg(test)]
mod tests;
mod version;

pub use ::http::{Method, StatusCode};
pub use body_decoder::{BodyDecoder, BodyPart};
pub use body_length::{BodyLength, ResponseBody};
pub use chunk_decoder::{EXTENSION_BYTES_MAX, TRAILER_BYTES_MAX};
pub use chunk_encoder::{encode_chunk, encode_last_chunk};
pub use date::Date;
pub(crate) use digits::push_decimal_line;
pub use fault::Fault;
pub use head_encoder::{CONTINUE, Connection, Framing, encode_request_head, encode_response_head};
pub(super) use head_encoder::{push_header, push_target, push_text};
pub use head_limits::HeadLimits;
pub(crate) use head_room::HeadRoom;
pub use header::Header;
pub(crate) use headers::Headers;
pub use origin::{Origin, PatternFault};
pub use request_head::RequestHead;
pub use request_heads::RequestHeads;
pub use response_head::ResponseHead;
pub use response_heads::ResponseHeads;
pub use sharing::{EXPOSED, Sharing, VARY};
pub use version::Version;
