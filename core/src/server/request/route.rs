//! A route: what of its action a request gets, and how it is spoken with.

use crate::action::{Declaration, Deflate, Role, Way};
use crate::protocol::http::{RequestHead, Version};
use crate::protocol::websocket::deflate::{Agreement, Terms, WindowBits, agree};
use crate::protocol::websocket::handshake::{
    Refusal, check_upgrade, choose_subprotocol, read_extensions,
};
use crate::routes::{Params, Target};
use crate::server::limits::Limits;
use crate::transport::{Choice, ENVELOPE, Subprotocol, Transport, choose};

/// What a request was routed to.
pub(crate) struct Route {
    pub target: Target,
    pub params: Params,
    pub transport: Transport,
    pub subprotocol: Option<Subprotocol>,
    pub way: Way,
    pub deflate: Option<Agreement>,
}

/// How a request is spoken with.
pub(crate) struct Speech {
    transport: Transport,
    subprotocol: Option<Subprotocol>,
    deflate: Option<Agreement>,
}

/// What a socket is agreed to on.
pub(crate) struct SocketTerms<'l> {
    pub limits: &'l Limits,
    /// Whether memory is left for contexts of compression.
    pub has_room: bool,
}

impl Route {
    /// The route to a target, of which the request gets this.
    pub fn new(target: Target, params: Params, way: Way, speech: Speech) -> Self {
        let Speech { transport, subprotocol, deflate } = speech;
        Self { target, params, transport, subprotocol, way, deflate }
    }
}

impl Speech {
    /// Decides what of its action a request gets.
    pub fn choose(
        target: &Target,
        head: &RequestHead,
        terms: &SocketTerms<'_>,
    ) -> Result<Self, Refusal> {
        let declaration = target.endpoint.declaration();
        let transport = Transport::Regular;
        let mut speech = Self { transport, subprotocol: None, deflate: None };
        if target.role == Role::Upstream {
            return Ok(speech);
        }
        let upgrade = || {
            check_upgrade(
                head.method(),
                head.version() == Version::Http11,
                |name| head.header(name),
                |name, token| head.has_token(name, token),
            )
        };
        match choose(declaration.transports, head) {
            Choice::UpgradeRequired => {
                // Nothing but a socket is served here, so the check says what is missing for one.
                upgrade()?;
                speech.transport = Transport::Websocket;
            }
            Choice::Serve(transport) => {
                if transport == Transport::Websocket {
                    upgrade()?;
                }
                speech.transport = transport;
            }
        }
        if speech.transport == Transport::Websocket {
            speech.agree_on_socket(head, declaration, terms)?;
        }
        Ok(speech)
    }

    /// Settles what the handshake of a socket offers a choice of.
    fn agree_on_socket(
        &mut self,
        head: &RequestHead,
        declaration: &Declaration,
        terms: &SocketTerms<'_>,
    ) -> Result<(), Refusal> {
        if head.body().has_bytes() {
            // A body would lie where the client's first frame does: two ways to read it.
            let message = "a websocket's request has a body; one without is right".into();
            return Err(Refusal { status: 400, message });
        }
        let offered = head.header_values("sec-websocket-protocol");
        let ours = declaration.subprotocols.iter().copied().chain([ENVELOPE]);
        let chosen = choose_subprotocol(offered, ours)?;
        let declared = declaration.subprotocols;
        self.subprotocol = chosen.and_then(|name| Subprotocol::of(name, declared));
        self.deflate = agree_to_deflate(head, declaration, terms)?;
        Ok(())
    }
}

/// Agrees to compression as its action, or else the server, has it.
fn agree_to_deflate(
    head: &RequestHead,
    declaration: &Declaration,
    SocketTerms { limits, has_room }: &SocketTerms<'_>,
) -> Result<Option<Agreement>, Refusal> {
    let extensions = read_extensions(head.header_values("sec-websocket-extensions"))?;
    let (takes_over, window_bits_max) = match declaration.deflate.unwrap_or(limits.deflate) {
        Deflate::Off => return Ok(None),
        Deflate::Dedicated if *has_room => (true, limits.deflate_window_bits_max),
        Deflate::Shared | Deflate::Dedicated => (false, WindowBits::MAX),
    };
    Ok(agree(&extensions, &Terms { takes_over, window_bits_max }))
}
