//! A setting in an attribute's parentheses: `key = value`, or `key(..)` with settings of its own.
//!
//! Knows which form it has, not which keys there are.

use proc_macro2::{Ident, TokenStream};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Error, Expr, Result, Token, parenthesized, token};

/// One `key = value`; a bare `key` has no value, and its reader says what is missing.
pub struct Setting {
    /// The word before the `=`.
    pub key: Ident,
    /// What stands behind it.
    pub value: Option<Expr>,
    /// The settings in its parentheses, if it is a group.
    pub group: Option<Vec<Self>>,
}

impl Setting {
    /// Reads settings separated by commas.
    pub fn list(arguments: TokenStream) -> Result<Vec<Self>> {
        Self::list_with(&[], arguments)
    }

    /// Reads settings separated by commas, of which some may be groups.
    pub fn list_with(groups: &[&str], arguments: TokenStream) -> Result<Vec<Self>> {
        let list = |input: ParseStream<'_>| {
            let mut settings = Vec::new();
            while !input.is_empty() {
                settings.push(Self::parse(groups, input)?);
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
            }
            Ok(settings)
        };
        list.parse2(arguments)
    }

    fn parse(groups: &[&str], input: ParseStream<'_>) -> Result<Self> {
        if !input.peek(syn::Ident::peek_any) {
            return Err(input.error("a setting is written `key = value`"));
        }
        let key = Ident::parse_any(input)?;
        if input.is_empty() || input.peek(Token![,]) {
            return Ok(Self { key, value: None, group: None });
        }
        if input.peek(token::Paren) && groups.iter().any(|group| key == group) {
            let inner;
            parenthesized!(inner in input);
            let group = Some(Self::list(inner.parse()?)?);
            return Ok(Self { key, value: None, group });
        }
        if !input.peek(Token![=]) {
            return Err(input.error(format!("a setting is written with `=`; write `{key} = ..`")));
        }
        input.parse::<Token![=]>()?;
        if input.is_empty() || input.peek(Token![,]) {
            return Err(Error::new(key.span(), format!("`{key}` has no value after its `=`")));
        }
        let value = ungrouped(input.parse()?);
        Ok(Self { key, value: Some(value), group: None })
    }
}

/// Takes the expression out of the invisible group a `macro_rules!` fragment arrives in.
fn ungrouped(value: Expr) -> Expr {
    match value {
        Expr::Group(group) => ungrouped(*group.expr),
        value => value,
    }
}

#[cfg(test)]
mod tests {
    use quote::ToTokens;

    use super::*;

    fn list(arguments: &str) -> std::result::Result<Vec<(String, Option<String>)>, String> {
        let arguments = arguments.parse().expect("the test writes tokens");
        let settings = Setting::list(arguments).map_err(|fault| fault.to_string())?;
        let value = |value: Expr| value.into_token_stream().to_string();
        Ok(settings.into_iter().map(|s| (s.key.to_string(), s.value.map(value))).collect())
    }

    #[test]
    fn settings_keep_their_order_and_a_last_comma_is_fine() {
        let pair = |key: &str, value: &str| (key.to_owned(), Some(value.to_owned()));
        assert_eq!(
            list("transport = sse | chunked, body_bytes_max = 2 * 1024,"),
            Ok(vec![pair("transport", "sse | chunked"), pair("body_bytes_max", "2 * 1024")])
        );
        assert_eq!(list(""), Ok(vec![]));
        assert_eq!(list("sse"), Ok(vec![("sse".to_owned(), None)]));
    }

    #[test]
    fn a_group_has_settings_of_its_own() {
        let settings = "a = 1, cors(b, c = 2,), cors".parse().expect("the test writes tokens");
        let settings = Setting::list_with(&["cors"], settings).expect("it is well-formed");
        let inner = |setting: &Setting| setting.group.as_ref().map(|group| group.len());
        assert_eq!(settings.iter().map(inner).collect::<Vec<_>>(), [None, Some(2), None]);
    }

    #[test]
    fn another_form_says_the_right_one() {
        for (arguments, expected) in [
            ("\"15s\"", "a setting is written `key = value`"),
            ("transport: sse", "a setting is written with `=`; write `transport = ..`"),
            ("transport(sse)", "a setting is written with `=`; write `transport = ..`"),
            ("transport =", "`transport` has no value after its `=`"),
            ("transport =, keep_alive = off", "`transport` has no value after its `=`"),
        ] {
            assert_eq!(list(arguments), Err(expected.to_owned()), "{arguments}");
        }
    }
}
