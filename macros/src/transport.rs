//! The five transports, by the words that name them in `#[action(transport = ..)]`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{BinOp, Error, Expr, Lit};

use crate::faults::Faults;
use crate::suggest;

/// A transport an action lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    Regular,
    Chunked,
    Sse,
    LongPolling,
    Websocket,
}

/// The words, in the order they are taught.
pub const WORDS: [&str; 5] = ["regular", "chunked", "sse", "long_polling", "websocket"];

impl Transport {
    /// All of them, in the order of [`WORDS`].
    pub const ALL: [Self; 5] =
        [Self::Regular, Self::Chunked, Self::Sse, Self::LongPolling, Self::Websocket];

    /// The word that names it.
    pub fn word(self) -> &'static str {
        WORDS[self as usize]
    }

    /// Finds the transport of that name.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|transport| transport.word() == word)
    }
}

impl ToTokens for Transport {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let variant = Ident::new(&format!("{self:?}"), Span::mixed_site());
        tokens.extend(quote!(::crampon::__private::Transport::#variant));
    }
}

/// Reads `websocket | sse | long_polling`, in the order written.
///
/// Empty exactly when nothing in it was a transport; the faults say why.
pub fn list(value: &Expr, faults: &mut Faults) -> Vec<Transport> {
    let mut transports = Vec::new();
    read(value, &mut transports, faults);
    transports
}

fn read(value: &Expr, transports: &mut Vec<Transport>, faults: &mut Faults) {
    match value {
        Expr::Binary(either) if matches!(either.op, BinOp::BitOr(_)) => {
            read(&either.left, transports, faults);
            read(&either.right, transports, faults);
        }
        Expr::Group(group) => read(&group.expr, transports, faults),
        word => {
            if let Some(transport) = faults.keep(one(word)) {
                if transports.contains(&transport) {
                    let twice = format!("`{}` is listed twice; drop one", transport.word());
                    faults.add(Error::new_spanned(word, twice));
                } else {
                    transports.push(transport);
                }
            }
        }
    }
}

fn one(value: &Expr) -> syn::Result<Transport> {
    let fault = |message: String| Err(Error::new_spanned(value, message));
    match value {
        Expr::Path(path) if path.path.get_ident().is_some() => {
            let word = path.path.segments[0].ident.to_string();
            Transport::of_word(&word).map_or_else(
                || fault(format!("unknown transport `{word}`{}", suggest::ending(&word, &WORDS))),
                Ok,
            )
        }
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => {
                let text = text.value();
                let word = suggest::nearest(&text, &WORDS).unwrap_or("sse");
                let word = if WORDS.contains(&text.as_str()) { &text } else { word };
                fault(format!("a transport is a word; drop the quotes: `transport = {word}`"))
            }
            _ => fault(format!("a transport is one of the words `{}`", WORDS.join("`, `"))),
        },
        Expr::Array(_) | Expr::Tuple(_) => fault(
            "several transports are joined by `|`; write `transport = websocket | sse`".to_owned(),
        ),
        _ => fault(format!("a transport is one of the words `{}`", WORDS.join("`, `"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> (Vec<Transport>, Vec<String>) {
        let mut faults = Faults::default();
        let value = syn::parse_str(value).expect("the test writes an expression");
        let transports = list(&value, &mut faults);
        (transports, faults.messages())
    }

    #[test]
    fn words_joined_by_bars_keep_their_order() {
        let (transports, messages) = read("websocket | sse | long_polling");
        assert_eq!(transports, [Transport::Websocket, Transport::Sse, Transport::LongPolling]);
        assert!(messages.is_empty(), "{messages:?}");
    }

    #[test]
    fn every_transport_has_its_word() {
        for (word, transport) in WORDS.into_iter().zip(Transport::ALL) {
            assert_eq!(transport.word(), word);
            assert_eq!(read(word), (vec![transport], vec![]));
        }
    }

    #[test]
    fn what_is_no_transport_says_what_to_write() {
        let words = "`regular`, `chunked`, `sse`, `long_polling`, `websocket`";
        for (value, expected) in [
            ("ssee", "unknown transport `ssee`; did you mean `sse`?".to_owned()),
            ("tcp", format!("unknown transport `tcp`; write one of {words}")),
            (r#""sse""#, "a transport is a word; drop the quotes: `transport = sse`".into()),
            (
                r#""websockets""#,
                "a transport is a word; drop the quotes: `transport = websocket`".into(),
            ),
            (
                "[sse, websocket]",
                "several transports are joined by `|`; write `transport = websocket | sse`".into(),
            ),
            ("7", format!("a transport is one of the words {words}")),
            ("sse::new()", format!("a transport is one of the words {words}")),
        ] {
            assert_eq!(read(value), (vec![], vec![expected]), "{value}");
        }
    }

    #[test]
    fn every_wrong_word_is_told_and_the_right_ones_are_kept() {
        let (transports, messages) = read("sse | ssee | sse | weksocket");
        assert_eq!(transports, [Transport::Sse]);
        assert_eq!(
            messages,
            [
                "unknown transport `ssee`; did you mean `sse`?",
                "`sse` is listed twice; drop one",
                "unknown transport `weksocket`; did you mean `websocket`?",
            ]
        );
    }
}
