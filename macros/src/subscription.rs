//! The channels an action hears from its start on: the value of `subscribe`.
//!
//! Knows how one or several are written; what a channel is, and whether a value is one, is for the
//! compiler to say.

use std::collections::HashSet;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{BinOp, Error, Expr, ExprLit, Lit, Result};

/// Reads `ROOM`, `"room"` or `[ROOM, PRICES]` into a list of functions that make a subscription.
///
/// Functions, since a member of a channel has a name that no constant can hold.
pub fn list(value: &Expr) -> Result<TokenStream> {
    let several = "several channels are a list; write `subscribe = [ROOM, PRICES]`";
    let channels: Vec<&Expr> = match value {
        Expr::Array(array) if array.elems.is_empty() => {
            let message = "the list is empty; drop it, or name a channel: `subscribe = [ROOM]`";
            return Err(Error::new_spanned(array, message));
        }
        Expr::Array(array) => array.elems.iter().collect(),
        Expr::Tuple(tuple) => return Err(Error::new_spanned(tuple, several)),
        Expr::Binary(either) if matches!(either.op, BinOp::BitOr(_)) => {
            return Err(Error::new_spanned(either, several));
        }
        channel => vec![channel],
    };
    let mut seen = HashSet::new();
    let subscriptions = channels.into_iter().map(|channel| {
        if !seen.insert(channel.to_token_stream().to_string()) {
            return Err(Error::new_spanned(channel, "this channel is listed twice; drop one"));
        }
        subscription(channel)
    });
    let subscriptions: Vec<TokenStream> = subscriptions.collect::<Result<_>>()?;
    Ok(quote!(&[#(#subscriptions),*]))
}

/// Writes the function for one channel, the call where the channel stands, for the compiler to
/// blame.
fn subscription(channel: &Expr) -> Result<TokenStream> {
    match channel {
        Expr::Group(group) => return subscription(&group.expr),
        Expr::Lit(ExprLit { lit: Lit::Str(name), .. }) if name.value().is_empty() => {
            return Err(Error::new_spanned(channel, "a channel has a name; write `\"room\"`"));
        }
        Expr::Lit(ExprLit { lit: Lit::Str(_), .. }) => {}
        Expr::Lit(_) => {
            let message = "this is no channel; write the name of one, `subscribe = \"room\"`, or \
                           a `Channel`, `subscribe = ROOM`";
            return Err(Error::new_spanned(channel, message));
        }
        _ => {}
    }
    let from = quote_spanned!(channel.span()=> ::crampon::__private::Subscription::from);
    Ok(quote!(|| #from(#channel)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> std::result::Result<String, String> {
        let value = syn::parse_str(value).expect("the test writes an expression");
        list(&value).map(|tokens| tokens.to_string()).map_err(|fault| fault.to_string())
    }

    #[test]
    fn a_channel_alone_is_a_list_of_one() {
        let expected = quote!(&[|| ::crampon::__private::Subscription::from(ROOM)]).to_string();
        assert_eq!(read("ROOM"), Ok(expected.clone()));
        assert_eq!(read("[ROOM]"), Ok(expected));
    }

    #[test]
    fn channels_are_taken_as_they_are_written() {
        let expected = quote!(&[
            || ::crampon::__private::Subscription::from("room"),
            || ::crampon::__private::Subscription::from(ROOM.at("hall").replay(Replay::Last(3)))
        ]);
        let read = read(r#"["room", ROOM.at("hall").replay(Replay::Last(3))]"#);
        assert_eq!(read, Ok(expected.to_string()));
    }

    #[test]
    fn what_is_no_channel_says_what_to_write() {
        let several = "several channels are a list; write `subscribe = [ROOM, PRICES]`";
        let no_channel = "this is no channel; write the name of one, `subscribe = \"room\"`, or a \
                          `Channel`, `subscribe = ROOM`";
        for (value, expected) in [
            ("[]", "the list is empty; drop it, or name a channel: `subscribe = [ROOM]`"),
            ("(ROOM, PRICES)", several),
            ("ROOM | PRICES", several),
            ("7", no_channel),
            ("[ROOM, true]", no_channel),
            ("\"\"", "a channel has a name; write `\"room\"`"),
            ("[ROOM, \"room\", ROOM]", "this channel is listed twice; drop one"),
        ] {
            assert_eq!(read(value), Err(expected.to_owned()), "{value}");
        }
    }
}
