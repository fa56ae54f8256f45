//! `#[action(..)]`: the class header, with a transport and the settings.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{Error, Expr, Result};

use crate::class::Class;
use crate::faults::Faults;
use crate::key::{KEYS, Key};
use crate::setting::Setting;
use crate::suggest;
use crate::transport::{self, Transport};

/// Writes the struct as it was, and its implementation of `Action`.
///
/// Also when something is wrong, with what could be read: a type that is no action at all would
/// bring further messages about the same mistake.
pub fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut faults = Faults::default();
    let Some(class) = faults.keep(Class::parse("action", item.clone())) else {
        return quote!(#item #faults);
    };
    class.refuse("service", &mut faults);
    let Declaration { transports, settings } = Declaration::parse(arguments, &mut faults);
    let (fields, values): (Vec<Ident>, Vec<TokenStream>) = settings.into_iter().unzip();
    let name = class.name();
    let implemented = class.implement(
        quote!(::crampon::__private::Action),
        quote! {
            #[allow(clippy::needless_update)]
            const DECLARATION: ::crampon::__private::Declaration =
                ::crampon::__private::Declaration {
                    name: #name,
                    transports: &[#(#transports),*],
                    #(#fields: #values,)*
                    ..::crampon::__private::Declaration::DEFAULT
                };
        },
    );
    quote!(#implemented #faults)
}

/// What stands in the parentheses.
#[derive(Default)]
struct Declaration {
    transports: Vec<Transport>,
    settings: Vec<(Ident, TokenStream)>,
}

impl Declaration {
    fn parse(arguments: TokenStream, faults: &mut Faults) -> Self {
        if arguments.is_empty() {
            faults.add(Error::new(proc_macro2::Span::call_site(), NO_TRANSPORT));
            return Self::default();
        }
        let Some(settings) = faults.keep(Setting::list_with(&["cors"], arguments.clone())) else {
            return Self::default();
        };
        let is_misspelt = settings.iter().any(means_transport);
        let known = known(settings, faults);
        let mut declaration = Self::default();
        match known.iter().find(|(key, _)| key.name == "transport") {
            Some((_, Setting { value: Some(value), .. })) => {
                declaration.transports = transport::list(value, faults);
            }
            Some((_, Setting { key, .. })) => faults
                .add(Error::new(key.span(), "`transport` has no value; write `transport = sse`")),
            None if is_misspelt => {}
            None => faults.add(Error::new_spanned(&arguments, NO_TRANSPORT)),
        }
        let origins = known.iter().find(|(key, _)| key.name == "origins");
        let origins = origins.and_then(|(_, setting)| setting.value.as_ref());
        for (key, setting) in known.iter().filter(|(key, _)| key.name != "transport") {
            let read = declaration.setting(key, setting, origins);
            declaration.settings.extend(faults.keep(read));
        }
        declaration
    }

    /// Reads one setting, and holds it against the transports listed and the `origins`.
    fn setting(
        &self,
        key: &Key,
        setting: &Setting,
        origins: Option<&Expr>,
    ) -> Result<(Ident, TokenStream)> {
        let value = match &setting.value {
            Some(value) => key.read(value)?,
            None if key.is_group() => key.read_group(setting, origins)?,
            None => {
                return Err(Error::new(
                    setting.key.span(),
                    format!("`{0}` has no value; write `{0} = {1}`", key.name, key.example),
                ));
            }
        };
        let is_heard = self.transports.iter().any(|transport| key.applies_to(*transport));
        if !is_heard && !self.transports.is_empty() {
            return Err(Error::new(setting.key.span(), unheard(key)));
        }
        Ok((Ident::new(key.field(), setting.key.span()), value))
    }
}

/// What to say to an action without a transport.
const NO_TRANSPORT: &str = "an action names its transport; write `transport = sse`, or `regular`, \
                            `chunked`, `long_polling`, `websocket`";

/// Keeps the settings whose keys we know, each once.
fn known(settings: Vec<Setting>, faults: &mut Faults) -> Vec<(&'static Key, Setting)> {
    let mut known: Vec<(&'static Key, Setting)> = Vec::new();
    let has_transport = settings.iter().any(|setting| setting.key == "transport");
    for setting in settings {
        let word = setting.key.to_string();
        match KEYS.iter().find(|key| key.name == word) {
            None => faults.add(Error::new(setting.key.span(), unknown(&setting, has_transport))),
            Some(key) if known.iter().any(|(other, _)| other.name == key.name) => {
                faults.add(Error::new(setting.key.span(), twice(key)));
            }
            Some(key) => known.push((key, setting)),
        }
    }
    known
}

/// Whether a setting is a slip for `transport`, which is then not missed as well.
fn means_transport(setting: &Setting) -> bool {
    is_transport(setting) || suggest::nearest(&setting.key.to_string(), &["transport"]).is_some()
}

/// Whether a setting is the bare name of a transport.
fn is_transport(setting: &Setting) -> bool {
    setting.value.is_none() && Transport::of_word(&setting.key.to_string()).is_some()
}

fn unknown(setting: &Setting, has_transport: bool) -> String {
    let word = setting.key.to_string();
    match (is_transport(setting), has_transport) {
        (true, false) => format!("`{word}` is a transport; write `transport = {word}`"),
        (true, true) => format!(
            "`{word}` is a transport; join it to the others by `|`: `transport = .. | {word}`"
        ),
        (false, _) => {
            let names = KEYS.map(|key| key.name);
            format!("unknown setting `{word}`{}", suggest::ending(&word, &names))
        }
    }
}

fn twice(key: &Key) -> String {
    match key.name {
        "transport" => "`transport` is set twice; keep one and join the transports by `|`".into(),
        "subscribe" => {
            "`subscribe` is set twice; keep one and list the channels: `subscribe = [ROOM, PRICES]`"
                .into()
        }
        name => format!("`{name}` is set twice; keep one"),
    }
}

fn unheard(key: &Key) -> String {
    let words: Vec<&str> = key.transports.iter().map(|transport| transport.word()).collect();
    format!(
        "`{}` is a setting of `{}`, which this action does not list; drop it, or list the transport",
        key.name,
        words.join("`, `")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(arguments: &str) -> Vec<String> {
        let mut faults = Faults::default();
        let arguments = arguments.parse().expect("the test writes tokens");
        Declaration::parse(arguments, &mut faults);
        faults.messages()
    }

    #[test]
    fn an_action_becomes_data() {
        let expanded = expand(
            quote! {
                transport = websocket | sse,
                keep_alive = "15s",
                subscribe = ROOM,
                body_bytes_max = 2 * K
            },
            quote!(
                struct Live;
            ),
        );
        let expected = quote! {
            struct Live;
            #[automatically_derived]
            impl ::crampon::__private::Action for Live {
                #[allow(clippy::needless_update)]
                const DECLARATION: ::crampon::__private::Declaration =
                    ::crampon::__private::Declaration {
                        name: "Live",
                        transports: &[
                            ::crampon::__private::Transport::Websocket,
                            ::crampon::__private::Transport::Sse
                        ],
                        keep_alive: ::crampon::__private::KeepAlive::Every(
                            ::crampon::__private::Duration::from_millis(15000u64)
                        ),
                        subscriptions: &[|| ::crampon::__private::Subscription::from(ROOM)],
                        body_bytes_max: ::core::option::Option::Some({
                            let number: usize = 2 * K;
                            number
                        }),
                        ..::crampon::__private::Declaration::DEFAULT
                    };
            }
        };
        assert_eq!(expanded.to_string(), expected.to_string());
    }

    #[test]
    fn a_mistake_in_the_header_is_one_message() {
        let unheard = |key: &str, of: &str| {
            format!(
                "`{key}` is a setting of `{of}`, which this action does not list; \
                 drop it, or list the transport"
            )
        };
        for (arguments, expected) in [
            ("", NO_TRANSPORT.to_owned()),
            ("keep_alive = off", NO_TRANSPORT.to_owned()),
            ("sse", "`sse` is a transport; write `transport = sse`".into()),
            ("transprot = sse", "unknown setting `transprot`; did you mean `transport`?".into()),
            (
                "transport = websocket, sse",
                "`sse` is a transport; join it to the others by `|`: `transport = .. | sse`".into(),
            ),
            ("transport", "`transport` has no value; write `transport = sse`".into()),
            ("transport = ssee", "unknown transport `ssee`; did you mean `sse`?".into()),
            (
                "transport = sse, keep_alve = off",
                "unknown setting `keep_alve`; did you mean `keep_alive`?".into(),
            ),
            (
                "transport = sse, transport = websocket",
                "`transport` is set twice; keep one and join the transports by `|`".into(),
            ),
            (
                "transport = sse, keep_alive = off, keep_alive = \"1s\"",
                "`keep_alive` is set twice; keep one".into(),
            ),
            (
                "transport = sse, write_timeout",
                "`write_timeout` has no value; write `write_timeout = \"30s\"`".into(),
            ),
            (
                "transport = sse, subscribe",
                "`subscribe` has no value; write `subscribe = ROOM`".into(),
            ),
            (
                "transport = sse, subscribe = ROOM, subscribe = \"hall\"",
                "`subscribe` is set twice; keep one and list the channels: \
                 `subscribe = [ROOM, PRICES]`"
                    .into(),
            ),
            ("transport = sse, poll_timeout = \"9s\"", unheard("poll_timeout", "long_polling")),
            ("transport = sse, answer_timeout = \"9s\"", unheard("answer_timeout", "regular")),
            ("transport = sse, subprotocols = [\"a\"]", unheard("subprotocols", "websocket")),
            ("transport = sse, message_bytes_max = 9", unheard("message_bytes_max", "websocket")),
            (
                "transport = regular, keep_alive = \"9s\"",
                unheard("keep_alive", "chunked`, `sse`, `websocket"),
            ),
        ] {
            assert_eq!(messages(arguments), [expected], "{arguments}");
        }
    }

    #[test]
    fn every_mistake_of_a_header_is_told_at_once() {
        assert_eq!(messages("transport = sse | tpc, hold_timeout = 3, colour = red").len(), 3);
        assert_eq!(
            messages("keep_alve = off"),
            ["unknown setting `keep_alve`; did you mean `keep_alive`?", NO_TRANSPORT]
        );
    }
}
