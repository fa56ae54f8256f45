//! Proxies that are believed: whose word counts for who asks, by which scheme and for which host.
//!
//! Each proxy adds who asked it at the right of a list, so the list is walked from there: as long
//! as a believed one speaks of a believed one, further left. Whoever is reached first who is not
//! believed is the client, and what stands left of it is what the client likes to say.

use std::net::{IpAddr, SocketAddr};

use crate::action::{Peer, Via, Way};
use crate::figures::Refused;
use crate::protocol::http::RequestHead;
use crate::protocol::http::forwarded::{Hop, Node, is_authority, is_secure_scheme, last_element};
use crate::reactor::Scope;
use crate::server::connection::Asked;
use crate::server::engine::Engine;
use crate::server::request::reply::Reply;

/// The proxies that are believed, and the headers they tell by.
#[derive(Clone, Debug, Default)]
pub(crate) struct Proxies {
    networks: Vec<Network>,
    has_unix: bool,
    headers: ProxyHeaders,
}

/// The headers by which believed proxies tell of a request's way.
///
/// A proxy writes one kind and passes the other on as its client sent it. So only one kind can be
/// believed, and unless it is said which, a request that has both is refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProxyHeaders {
    /// Those there are; a request with both kinds is answered 400.
    #[default]
    Either,
    /// `Forwarded` (RFC 7239); `X-Forwarded-*` mean nothing.
    Forwarded,
    /// `X-Forwarded-For`, `-Proto` and `-Host`; `Forwarded` means nothing.
    XForwarded,
}

/// Addresses that begin with the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    bits: u8,
}

impl Proxies {
    /// Reads addresses (`127.0.0.1`, `::1`), networks (`10.0.0.0/8`) and `unix`, which is whoever
    /// connects to a Unix socket.
    ///
    /// # Errors
    /// What is wrong with the first that is none, and what would be right.
    pub fn new<S: AsRef<str>>(
        names: impl IntoIterator<Item = S>,
        headers: ProxyHeaders,
    ) -> Result<Self, String> {
        let mut proxies = Self { headers, ..Self::default() };
        for name in names {
            match name.as_ref() {
                "unix" => proxies.has_unix = true,
                name => proxies.networks.push(Network::parse(name)?),
            }
        }
        Ok(proxies)
    }

    /// Whether a peer is believed; one without an address came by a Unix socket.
    pub fn trust(&self, peer: Option<SocketAddr>) -> bool {
        match peer {
            None => self.has_unix,
            Some(peer) => self.trust_address(peer.ip()),
        }
    }

    fn trust_address(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.has(address))
    }

    /// The way a request came, as its peer tells it if that is believed.
    ///
    /// # Errors
    /// What cannot be believed, because it can be read in two ways.
    #[inline]
    pub fn hear(&self, peer: &Peer, head: &RequestHead) -> Result<Way, String> {
        let trusts_nobody = self.networks.is_empty() && !self.has_unix;
        if trusts_nobody || !self.trust(peer.address()) {
            return Ok(Way::Peer(peer.clone()));
        }
        self.believe(peer.address(), head)
    }

    fn believe(&self, peer: Option<SocketAddr>, head: &RequestHead) -> Result<Way, String> {
        let has_forwarded = head.header("forwarded").is_some();
        let has_older = OLDER.iter().any(|name| head.header(name).is_some());
        match (self.headers, has_forwarded, has_older) {
            (ProxyHeaders::Either, true, true) => Err(BOTH.to_owned()),
            (ProxyHeaders::Either | ProxyHeaders::Forwarded, true, _) => self.forwarded(peer, head),
            (ProxyHeaders::Either | ProxyHeaders::XForwarded, _, true) => self.older(peer, head),
            _ => Ok(Way::Peer(peer.into())),
        }
    }

    /// Walks from the peer towards the client, as long as believed ones speak of believed ones.
    fn first<T>(
        &self,
        hops: impl Iterator<Item = T>,
        asker: impl Fn(&T) -> Option<Node>,
    ) -> Option<T> {
        let mut reached = None;
        for hop in hops {
            let address = asker(&hop).and_then(Node::address);
            reached = Some(hop);
            if !address.is_some_and(|address| self.trust_address(address.ip())) {
                break;
            }
        }
        reached
    }

    /// By `Forwarded`: scheme and host are those the client asked the first believed proxy for.
    fn forwarded(&self, peer: Option<SocketAddr>, head: &RequestHead) -> Result<Way, String> {
        let mut hops = Vec::new();
        for line in lines(head, "forwarded") {
            hops.extend(Hop::list(line).ok_or_else(|| malformed("Forwarded", line))?);
        }
        let Some(first) = self.first(hops.into_iter().rev(), |hop| hop.asker) else {
            return Ok(Way::Peer(peer.into()));
        };
        let client = first.asker.and_then(Node::address);
        via(client, first.scheme.as_deref(), first.host.as_deref())
    }

    /// By `X-Forwarded-*`: scheme and host are what the last proxy says, for how many of those
    /// before it wrote theirs nobody can tell.
    fn older(&self, peer: Option<SocketAddr>, head: &RequestHead) -> Result<Way, String> {
        let nodes: Vec<_> = lines(head, FOR).flat_map(Node::list).collect();
        let client = match self.first(nodes.into_iter().rev(), |node| Some(*node)) {
            Some(node) => node.address(),
            None => peer,
        };
        let last = |name| match lines(head, name).last() {
            Some(line) => last_element(line).map(Some).ok_or_else(|| malformed(name, line)),
            None => Ok(None),
        };
        via(client, last(PROTO)?, last(HOST)?)
    }
}

impl Network {
    fn parse(name: &str) -> Result<Self, String> {
        let (text, bits) = match name.split_once('/') {
            Some((text, bits)) => (text, Some(bits)),
            None => (name, None),
        };
        let address: IpAddr = text.parse().map_err(|_| {
            format!(
                "`{name}` is no proxy to trust; write an address, a network or `unix`: \
                 `127.0.0.1`, `10.0.0.0/8`, `::1`"
            )
        })?;
        let bits_max = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            None => bits_max,
            Some(bits) => bits.parse().ok().filter(|bits| *bits <= bits_max).ok_or_else(|| {
                format!("the network `{name}` has no length of 0 to {bits_max} behind its `/`")
            })?,
        };
        let network = Self { address: masked(address, bits), bits };
        match network.address == address {
            true => Ok(network),
            false => Err(format!(
                "the network `{name}` has bits past its length; write `{}/{bits}`, or an address \
                 alone",
                network.address
            )),
        }
    }

    fn has(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.address.is_ipv4() && masked(address, self.bits) == self.address
    }
}

impl Engine {
    /// Who asks, where no action has the request: the peer, or the client it speaks for.
    pub(crate) fn client_of(&self, key: usize, head: &RequestHead) -> Option<SocketAddr> {
        let peer = &self.connections[key].remote;
        self.proxies.hear(peer, head).map_or(peer.address(), |way| way.client())
    }

    /// Refuses a request whose way is told in two readings.
    pub(crate) fn refuse_way(
        &mut self,
        key: usize,
        head: &RequestHead,
        fault: &str,
        scope: &mut Scope<'_>,
    ) {
        tracing::debug!("request refused: {fault}");
        self.surroundings.figures.refused(Refused::BadRequest);
        let asked = Asked { keeps_alive: false, ..self.asked(head, None) };
        self.answer_request(key, &asked, head, Reply::text(400, fault), scope);
    }
}

/// The first so many bits of an address, the others zero.
fn masked(address: IpAddr, bits: u8) -> IpAddr {
    let cut = |all_bits: u32| all_bits.saturating_sub(u32::from(bits));
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(cut(32)).unwrap_or(0);
            IpAddr::V4((v4.to_bits() & mask).into())
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(cut(128)).unwrap_or(0);
            IpAddr::V6((v6.to_bits() & mask).into())
        }
    }
}

fn via(
    client: Option<SocketAddr>,
    scheme: Option<&str>,
    host: Option<&str>,
) -> Result<Way, String> {
    let is_secure = match scheme {
        Some(scheme) => Some(is_secure_scheme(scheme).ok_or_else(|| {
            format!("a proxy names the scheme `{}`; write `http` or `https`", scheme.escape_debug())
        })?),
        None => None,
    };
    if let Some(host) = host.filter(|host| !is_authority(host)) {
        return Err(format!("a proxy names the host `{}`, which is none", host.escape_debug()));
    }
    Ok(Way::Told(Box::new(Via { client, is_secure, host: host.map(Into::into) })))
}

fn lines<'a>(head: &'a RequestHead, name: &'static str) -> impl Iterator<Item = &'a [u8]> {
    head.header_values(name)
}

fn malformed(name: &str, line: &[u8]) -> String {
    let shown = &line[..line.len().min(SHOWN_BYTES_MAX)];
    format!("the header `{name}` cannot be read: `{}`", shown.escape_ascii())
}

/// Bytes of a header shown in an error: enough to recognise it.
const SHOWN_BYTES_MAX: usize = 80;

const FOR: &str = "x-forwarded-for";
const PROTO: &str = "x-forwarded-proto";
const HOST: &str = "x-forwarded-host";
const OLDER: [&str; 3] = [FOR, PROTO, HOST];

const BOTH: &str = "the request has `Forwarded` and `X-Forwarded-*`, of which a proxy writes one; \
                    have it drop the other, or tell the server which to believe";

#[cfg(test)]
mod tests;
