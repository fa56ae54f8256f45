//! The keys of `#[action(..)]`: what each one takes, and which transports hear it.

use std::collections::HashSet;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, Expr, Lit, LitStr, Result};

use crate::cors;
use crate::duration::Duration;
use crate::origins;
use crate::setting::Setting;
use crate::subscription;
use crate::suggest;
use crate::transport::Transport;

/// One key.
pub struct Key {
    /// The word before the `=`.
    pub name: &'static str,
    /// A value it could have, to show.
    pub example: &'static str,
    /// The transports it means something to.
    pub transports: &'static [Transport],
    takes: Takes,
}

/// What a key takes.
enum Takes {
    /// Transports; read before everything else, by `transport.rs`.
    Transports,
    /// A duration, or `off`.
    KeepAlive,
    /// A channel, or an array of them.
    Channels,
    /// An array of names.
    Names,
    /// Words and origins joined by `|`.
    Origins,
    /// Settings of its own, in parentheses.
    Cors,
    /// A duration.
    Duration,
    /// A number of bytes: any constant expression.
    Bytes,
    /// A number of other things.
    Number,
    /// `off`, `shared` or `dedicated`.
    Deflate,
}

/// All keys, in the order they are taught.
pub const KEYS: [Key; 18] = [
    Key::new("transport", Takes::Transports, &Transport::ALL, "sse"),
    Key::new(
        "keep_alive",
        Takes::KeepAlive,
        &[Transport::Chunked, Transport::Sse, Transport::Websocket],
        "\"15s\"",
    ),
    Key::new("subscribe", Takes::Channels, &Transport::ALL, "ROOM"),
    Key::new("subprotocols", Takes::Names, &[Transport::Websocket], "[\"chat\"]"),
    Key::new("origins", Takes::Origins, &Transport::ALL, "\"https://app.example\""),
    Key::new("cors", Takes::Cors, &Transport::ALL, "(origins = \"https://app.example\")"),
    Key::new("poll_timeout", Takes::Duration, &[Transport::LongPolling], "\"30s\""),
    Key::new("answer_timeout", Takes::Duration, &[Transport::Regular], "\"30s\""),
    Key::new("hold_timeout", Takes::Duration, &Transport::ALL, "\"30s\""),
    Key::new("write_timeout", Takes::Duration, &Transport::ALL, "\"30s\""),
    Key::new(
        "stream_life_max",
        Takes::Duration,
        &[Transport::Chunked, Transport::Sse, Transport::Websocket],
        "\"1h\"",
    ),
    Key::new("body_bytes_max", Takes::Bytes, &Transport::ALL, "1024 * 1024"),
    Key::new("body_rate_min", Takes::Bytes, &Transport::ALL, "240"),
    Key::new("message_bytes_max", Takes::Bytes, &[Transport::Websocket], "1024 * 1024"),
    Key::new("messages_per_second_max", Takes::Number, &[Transport::Websocket], "10"),
    Key::new("outbox_bytes_max", Takes::Bytes, &Transport::ALL, "1024 * 1024"),
    Key::new("deflate", Takes::Deflate, &[Transport::Websocket], "shared"),
    Key::new("deflate_bytes_min", Takes::Bytes, &[Transport::Websocket], "1024"),
];

impl Key {
    const fn new(
        name: &'static str,
        takes: Takes,
        transports: &'static [Transport],
        example: &'static str,
    ) -> Self {
        Self { name, example, transports, takes }
    }

    /// The field of `Declaration` it sets.
    pub fn field(&self) -> &'static str {
        match self.takes {
            Takes::Channels => "subscriptions",
            _ => self.name,
        }
    }

    /// Whether the setting means something to `transport`.
    pub fn applies_to(&self, transport: Transport) -> bool {
        self.transports.contains(&transport)
    }

    /// Whether it has settings of its own, in parentheses, or stands alone.
    pub fn is_group(&self) -> bool {
        matches!(self.takes, Takes::Cors)
    }

    /// Reads its settings into what the field of `Declaration` is set to, for an action with these
    /// `origins`.
    pub fn read_group(&self, setting: &Setting, origins: Option<&Expr>) -> Result<TokenStream> {
        let settings = setting.group.as_deref().unwrap_or_default();
        let cors = cors::read(&setting.key, settings, origins)?;
        Ok(quote!(::core::option::Option::Some(const { &#cors })))
    }

    /// Reads its value into what the field of `Declaration` is set to.
    pub fn read(&self, value: &Expr) -> Result<TokenStream> {
        match self.takes {
            Takes::Transports => Ok(quote!()),
            Takes::KeepAlive => keep_alive(value),
            Takes::Channels => subscription::list(value),
            Takes::Names => names(self, value),
            Takes::Origins => {
                let origins = origins::list(value)?;
                Ok(quote!(::core::option::Option::Some(const { &#origins })))
            }
            Takes::Cors => Err(Error::new_spanned(value, cors::FORM)),
            Takes::Duration => {
                let zero = format!("`{}` cannot be 0 ms", self.name);
                let duration = Duration::parse(self.name, value, &zero)?;
                Ok(quote!(::core::option::Option::Some(#duration)))
            }
            Takes::Bytes => number(self, value, "a number of bytes", "usize"),
            Takes::Number => number(self, value, "a number", "u32"),
            Takes::Deflate => deflate(value),
        }
    }
}

fn keep_alive(value: &Expr) -> Result<TokenStream> {
    let fault = |message| Err(Error::new_spanned(value, message));
    match value {
        Expr::Path(path) if path.path.is_ident("off") => {
            return Ok(quote!(::crampon::__private::KeepAlive::Off));
        }
        Expr::Path(_) | Expr::Lit(syn::ExprLit { lit: Lit::Bool(_), .. }) => {
            return fault("`keep_alive` is a duration or `off`; write `keep_alive = \"15s\"`");
        }
        Expr::Lit(syn::ExprLit { lit: Lit::Str(text), .. }) if text.value() == "off" => {
            return fault("`off` is a word; drop the quotes: `keep_alive = off`");
        }
        _ => {}
    }
    let zero = "a connection cannot be kept alive every 0 ms; write `keep_alive = off` for never";
    let every = Duration::parse("keep_alive", value, zero)?;
    Ok(quote!(::crampon::__private::KeepAlive::Every(#every)))
}

fn deflate(value: &Expr) -> Result<TokenStream> {
    const WORDS: [&str; 3] = ["off", "shared", "dedicated"];
    let fault = |message: String| Err(Error::new_spanned(value, message));
    if let Expr::Lit(syn::ExprLit { lit: Lit::Str(text), .. }) = value
        && WORDS.contains(&&*text.value())
    {
        let word = text.value();
        return fault(format!("`{word}` is a word; drop the quotes: `deflate = {word}`"));
    }
    let Expr::Path(path) = value else {
        return fault("`deflate` is `off`, `shared` or `dedicated`".to_owned());
    };
    let variant = match path.path.get_ident().map(ToString::to_string).as_deref() {
        Some("off") => quote!(Off),
        Some("shared") => quote!(Shared),
        Some("dedicated") => quote!(Dedicated),
        Some(word) => {
            let ending = suggest::ending(word, &WORDS);
            return fault(format!("unknown compression `{word}`{ending}"));
        }
        None => return fault("`deflate` is `off`, `shared` or `dedicated`".to_owned()),
    };
    Ok(quote!(::core::option::Option::Some(::crampon::__private::Deflate::#variant)))
}

fn number(key: &Key, value: &Expr, what: &str, kind: &str) -> Result<TokenStream> {
    if let Expr::Lit(syn::ExprLit { lit: Lit::Str(_), .. }) = value {
        let name = key.name;
        let message = format!("`{name}` is {what}; write `{name} = {}`", key.example);
        return Err(Error::new_spanned(value, message));
    }
    let kind = Ident::new(kind, value.span());
    // One name: where the value comes through a macro of the user's, its span sees no other.
    let number = Ident::new("number", Span::mixed_site());
    let spoken = quote_spanned!(value.span()=> let #number: #kind = #value;);
    Ok(quote!(::core::option::Option::Some({ #spoken #number })))
}

fn names(key: &Key, value: &Expr) -> Result<TokenStream> {
    let Expr::Array(array) = value else {
        let given = match value {
            Expr::Lit(syn::ExprLit { lit: Lit::Str(name), .. }) => {
                format!("[\"{}\"]", name.value())
            }
            _ => key.example.to_owned(),
        };
        let message = format!("`{0}` is a list; write `{0} = {given}`", key.name);
        return Err(Error::new_spanned(value, message));
    };
    if array.elems.is_empty() {
        return Err(Error::new_spanned(array, "the list is empty; drop it, or name a subprotocol"));
    }
    let mut seen = HashSet::new();
    let names = array.elems.iter().map(|element| {
        let name = subprotocol(element)?;
        if !seen.insert(name.value()) {
            let twice = format!("`{}` is listed twice; drop one", name.value());
            return Err(Error::new_spanned(element, twice));
        }
        Ok(name)
    });
    let names: Vec<LitStr> = names.collect::<Result<_>>()?;
    Ok(quote!(&[#(#names),*]))
}

/// Reads one name: printable ASCII without separators (RFC 6455, section 4.1).
fn subprotocol(element: &Expr) -> Result<LitStr> {
    let fault = |message: String| Err(Error::new_spanned(element, message));
    let Expr::Lit(syn::ExprLit { lit: Lit::Str(name), .. }) = element else {
        return fault("a subprotocol is a string; write `\"chat\"`".to_owned());
    };
    let text = name.value();
    if text.is_empty() {
        return fault("a subprotocol has a name; write `\"chat\"`".to_owned());
    }
    let is_separator = |c: char| "()<>@,;:\\\"/[]?={}".contains(c);
    match text.chars().find(|c| !c.is_ascii_graphic() || is_separator(*c)) {
        Some(c) => {
            fault(format!("a subprotocol cannot contain {c:?}; write letters, digits, `.`, `-`"))
        }
        None => Ok(name.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(key: &str, value: &str) -> std::result::Result<String, String> {
        let key = KEYS.iter().find(|each| each.name == key).expect("the test names a key");
        let value = syn::parse_str(value).expect("the test writes an expression");
        key.read(&value).map(|tokens| tokens.to_string()).map_err(|fault| fault.to_string())
    }

    #[test]
    fn every_example_reads() {
        for key in KEYS.iter().filter(|key| !key.is_group()) {
            assert!(read(key.name, key.example).is_ok(), "{} = {}", key.name, key.example);
        }
    }

    #[test]
    fn a_wrong_value_says_what_to_write() {
        let keep_alive = "`keep_alive` is a duration or `off`; write `keep_alive = \"15s\"`";
        for (key, value, expected) in [
            ("keep_alive", "on", keep_alive),
            ("keep_alive", "false", keep_alive),
            ("keep_alive", "\"off\"", "`off` is a word; drop the quotes: `keep_alive = off`"),
            (
                "keep_alive",
                "\"0s\"",
                "a connection cannot be kept alive every 0 ms; write `keep_alive = off` for never",
            ),
            ("poll_timeout", "\"0s\"", "`poll_timeout` cannot be 0 ms"),
            ("deflate", "sharde", "unknown compression `sharde`; did you mean `shared`?"),
            (
                "deflate",
                "gzip",
                "unknown compression `gzip`; write one of `off`, `shared`, `dedicated`",
            ),
            ("deflate", "\"off\"", "`off` is a word; drop the quotes: `deflate = off`"),
            ("deflate", "\"gzip\"", "`deflate` is `off`, `shared` or `dedicated`"),
            ("deflate", "true", "`deflate` is `off`, `shared` or `dedicated`"),
            ("deflate", "Deflate::Off", "`deflate` is `off`, `shared` or `dedicated`"),
            (
                "poll_timeout",
                "30",
                "a duration is a string with a unit; write `poll_timeout = \"30s\"`",
            ),
            (
                "body_bytes_max",
                "\"1MB\"",
                "`body_bytes_max` is a number of bytes; write `body_bytes_max = 1024 * 1024`",
            ),
            (
                "messages_per_second_max",
                "\"10/s\"",
                "`messages_per_second_max` is a number; write `messages_per_second_max = 10`",
            ),
            (
                "subprotocols",
                "\"echo\"",
                "`subprotocols` is a list; write `subprotocols = [\"echo\"]`",
            ),
            (
                "subscribe",
                "[]",
                "the list is empty; drop it, or name a channel: `subscribe = [ROOM]`",
            ),
            ("subprotocols", "[]", "the list is empty; drop it, or name a subprotocol"),
            ("subprotocols", "[\"\"]", "a subprotocol has a name; write `\"chat\"`"),
            ("subprotocols", "[chat]", "a subprotocol is a string; write `\"chat\"`"),
            ("subprotocols", "[\"a\", \"a\"]", "`a` is listed twice; drop one"),
            (
                "subprotocols",
                "[\"a b\"]",
                "a subprotocol cannot contain ' '; write letters, digits, `.`, `-`",
            ),
        ] {
            assert_eq!(read(key, value), Err(expected.to_owned()), "{key} = {value}");
        }
    }
}
