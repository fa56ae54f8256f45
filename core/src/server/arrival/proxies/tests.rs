//! Tests of who is believed, and how far.

use super::*;
use crate::protocol::http::{HeadLimits, RequestHeads};

fn request(headers: &str) -> RequestHead {
    let head = format!("GET / HTTP/1.1\r\nHost: inner\r\n{}\r\n", headers.replace('\n', "\r\n"));
    let decoded = RequestHeads::new().decode(head.as_bytes(), &HeadLimits::default());
    decoded.expect("it is well-formed").expect("it is whole").0
}

fn proxies(headers: ProxyHeaders) -> Proxies {
    let named = ["10.0.0.0/8", "127.0.0.1", "2001:db8::/32", "unix"];
    Proxies::new(named, headers).expect("they are addresses")
}

/// What is heard from this peer: client, scheme and host.
fn heard(peer: &str, headers: &str) -> String {
    let peer = (peer != "unix").then(|| peer.parse().expect("the test writes an address"));
    match proxies(ProxyHeaders::Either).hear(&peer.into(), &request(headers)) {
        Err(fault) => format!("refused: {fault}"),
        Ok(Way::Peer(_)) => "nothing".into(),
        Ok(Way::Told(via)) => {
            let client = via.client.map_or("nobody".into(), |client| client.to_string());
            let scheme = match via.is_secure {
                Some(true) => " https",
                Some(false) => " http",
                None => "",
            };
            let host = via.host.map_or(String::new(), |host| format!(" {host}"));
            format!("{client}{scheme}{host}")
        }
    }
}

#[test]
fn only_who_is_named_is_believed() {
    let proxies = proxies(ProxyHeaders::Either);
    for (peer, is_believed) in [
        ("10.1.2.3:1", true),
        ("11.1.2.3:1", false),
        ("127.0.0.1:1", true),
        ("127.0.0.2:1", false),
        ("[::ffff:10.1.2.3]:1", true),
        ("[::ffff:11.1.2.3]:1", false),
        ("[2001:db8:ffff::1]:1", true),
        ("[2001:db9::1]:1", false),
        ("[::1]:1", false),
        ("[a01:203::]:1", false),
    ] {
        let address = peer.parse().expect("the test writes an address");
        assert_eq!(proxies.trust(Some(address)), is_believed, "{peer}");
    }
    assert!(proxies.trust(None));
    assert!(!Proxies::default().trust(None));
}

#[test]
fn the_way_is_walked_from_the_right_past_those_who_are_believed() {
    for (peer, headers, expected) in [
        // Nobody who is believed says anything.
        ("203.0.113.9:1", "X-Forwarded-For: 198.51.100.1\n", "nothing"),
        ("203.0.113.9:1", "Forwarded: for=198.51.100.1;proto=https;host=a\n", "nothing"),
        ("10.0.0.1:1", "", "nothing"),
        ("10.0.0.1:1", "Forwarded: ,\n", "nothing"),
        // One proxy.
        ("10.0.0.1:1", "X-Forwarded-For: 198.51.100.1\n", "198.51.100.1:0"),
        ("unix", "X-Forwarded-For: 198.51.100.1\n", "198.51.100.1:0"),
        ("[::ffff:10.0.0.1]:1", "X-Forwarded-For: 198.51.100.1:80\n", "198.51.100.1:80"),
        ("10.0.0.1:1", "Forwarded: for=198.51.100.1\n", "198.51.100.1:0"),
        ("10.0.0.1:1", "X-Forwarded-For: ::ffff:198.51.100.1\n", "198.51.100.1:0"),
        ("10.0.0.1:1", "Forwarded: for=\"[2001:db9::1]:80\"\n", "[2001:db9::1]:80"),
        // Several, of which all but the first are believed.
        ("10.0.0.1:1", "X-Forwarded-For: 198.51.100.1, 10.0.0.3, 10.0.0.2\n", "198.51.100.1:0"),
        (
            "10.0.0.1:1",
            "X-Forwarded-For: 198.51.100.1\nX-Forwarded-For: 10.0.0.2\n",
            "198.51.100.1:0",
        ),
        ("10.0.0.1:1", "Forwarded: for=198.51.100.1, for=10.0.0.2\n", "198.51.100.1:0"),
        // What a client says of itself stands further left, and is not reached.
        ("10.0.0.1:1", "X-Forwarded-For: 1.1.1.1, 198.51.100.1\n", "198.51.100.1:0"),
        ("10.0.0.1:1", "X-Forwarded-For: 10.0.0.9, 198.51.100.1, 10.0.0.2\n", "198.51.100.1:0"),
        (
            "10.0.0.1:1",
            "X-Forwarded-For: 127.0.0.1\nX-Forwarded-For: 198.51.100.1\n",
            "198.51.100.1:0",
        ),
        (
            "10.0.0.1:1",
            "Forwarded: for=127.0.0.1;proto=https;host=bank\nForwarded: \
          for=198.51.100.1;proto=http\n",
            "198.51.100.1:0 http",
        ),
        (
            "10.0.0.1:1",
            "Forwarded: for=1.1.1.1;host=bank, for=198.51.100.1;host=a.example\n",
            "198.51.100.1:0 a.example",
        ),
        // All are believed: the request began at the first.
        ("10.0.0.1:1", "X-Forwarded-For: 10.0.0.3, 10.0.0.2\n", "10.0.0.3:0"),
        ("10.0.0.1:1", "Forwarded: for=10.0.0.3;host=a, for=10.0.0.2;host=b\n", "10.0.0.3:0 a"),
        // A client that is not named has no address rather than the proxy's.
        ("10.0.0.1:1", "X-Forwarded-For: unknown\n", "nobody"),
        ("10.0.0.1:1", "X-Forwarded-For: 198.51.100.1, unknown, 10.0.0.2\n", "nobody"),
        ("10.0.0.1:1", "X-Forwarded-For: a.example\n", "nobody"),
        ("10.0.0.1:1", "X-Forwarded-For:\n", "nobody"),
        ("10.0.0.1:1", "Forwarded: for=_hidden\n", "nobody"),
        ("10.0.0.1:1", "Forwarded: for=198.51.100.1, for=_hidden\n", "nobody"),
        ("10.0.0.1:1", "Forwarded: for=198.51.100.1, proto=https\n", "nobody https"),
        // Scheme and host.
        ("10.0.0.1:1", "X-Forwarded-Proto: https\n", "10.0.0.1:1 https"),
        (
            "10.0.0.1:1",
            "X-Forwarded-Proto: wss\nX-Forwarded-Host: a.example:8443\n",
            "10.0.0.1:1 https a.example:8443",
        ),
        ("10.0.0.1:1", "X-Forwarded-Host: bank, a.example\n", "10.0.0.1:1 a.example"),
        (
            "10.0.0.1:1",
            "X-Forwarded-Host: bank\nX-Forwarded-Host: a.example\n",
            "10.0.0.1:1 a.example",
        ),
        (
            "10.0.0.1:1",
            "Forwarded: for=198.51.100.1;proto=https;host=\"a.example:8443\"\n",
            "198.51.100.1:0 https a.example:8443",
        ),
    ] {
        assert_eq!(heard(peer, headers), expected, "{peer} {headers:?}");
    }
}

#[test]
fn what_a_believed_proxy_passes_on_in_two_readings_is_refused() {
    for (headers, part) in [
        ("Forwarded: for=198.51.100.1\nX-Forwarded-For: 198.51.100.1\n", "of which a proxy"),
        ("Forwarded: for=198.51.100.1\nX-Forwarded-Host: a\n", "of which a proxy"),
        // A client that opens a quote would swallow what the proxy adds.
        ("Forwarded: for=\", for=198.51.100.1\n", "`Forwarded` cannot be read"),
        ("Forwarded: for=\"\nForwarded: for=198.51.100.1\n", "`Forwarded` cannot be read"),
        ("Forwarded: for=198.51.100.1;proto=ftp\n", "the scheme `ftp`"),
        ("Forwarded: for=198.51.100.1;host=\"a/b\"\n", "the host `a/b`"),
        ("X-Forwarded-Proto: https,\n", "`x-forwarded-proto` cannot be read"),
        ("X-Forwarded-Host: me@a\n", "the host `me@a`"),
    ] {
        let said = heard("10.0.0.1:1", headers);
        assert!(said.starts_with("refused: ") && said.contains(part), "{headers:?}: {said}");
        assert_eq!(heard("203.0.113.9:1", headers), "nothing", "{headers:?}");
    }
}

#[test]
fn a_server_that_is_told_which_headers_count_hears_no_others() {
    let peer = Some("10.0.0.1:1".parse().expect("it is an address"));
    let both = request("Forwarded: for=192.0.2.1\nX-Forwarded-For: 192.0.2.2\n");
    for (headers, client) in
        [(ProxyHeaders::Forwarded, "192.0.2.1:0"), (ProxyHeaders::XForwarded, "192.0.2.2:0")]
    {
        let way = proxies(headers).hear(&peer.into(), &both).expect("one of them counts");
        let client = client.parse().expect("it is an address");
        assert_eq!(way.client(), Some(client), "{headers:?}");
    }
    let other = request("X-Forwarded-For: 192.0.2.2\n");
    assert_eq!(
        proxies(ProxyHeaders::Forwarded).hear(&peer.into(), &other),
        Ok(Way::Peer(peer.into()))
    );
}

#[test]
fn a_proxy_that_is_none_is_told_what_to_write() {
    let none = "is no proxy to trust; write an address, a network or `unix`";
    for (name, part) in [
        ("localhost", none),
        ("", none),
        ("10.0.0.0-10.0.0.9", none),
        ("[::1]", none),
        ("10.0.0.1:80", none),
        ("10.0.0.0/33", "has no length of 0 to 32 behind its `/`"),
        ("::/129", "has no length of 0 to 128 behind its `/`"),
        ("10.0.0.0/", "has no length of 0 to 32 behind its `/`"),
        ("10.1.2.3/8", "has bits past its length; write `10.0.0.0/8`"),
        ("2001:db8::1/32", "has bits past its length; write `2001:db8::/32`"),
    ] {
        let fault = Proxies::new([name], ProxyHeaders::Either).expect_err("it is none");
        assert!(fault.contains(part) && fault.contains(&format!("`{name}`")), "{fault}");
    }
    for name in ["0.0.0.0/0", "::/0", "10.0.0.1/32", "::1/128"] {
        assert!(Proxies::new([name], ProxyHeaders::Either).is_ok(), "{name}");
    }
}
