//! The pages that may speak to an action: the value of `origins`.
//!
//! Knows how they are written, and what can be told to be none; the library knows what they mean.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{BinOp, Error, Expr, ExprLit, Lit, LitStr, Result};

use crate::suggest;

/// The words among them.
const WORDS: [&str; 2] = ["any", "own"];

/// Reads `any`, `own` or `"https://app.example" | "https://*.example.org"` into an `Origins`.
///
/// `own` beside others is let pass: a server's own pages always are.
pub fn list(value: &Expr) -> Result<TokenStream> {
    let mut read = Read::default();
    read.all(value)?;
    let Read { any, listed } = read;
    match (any, listed.is_empty()) {
        (Some(any), false) => {
            Err(Error::new_spanned(any, "`any` names all there are; drop it, or the others"))
        }
        (Some(_), true) => Ok(quote!(::crampon::__private::Origins::Any)),
        (None, true) => Ok(quote!(::crampon::__private::Origins::Own)),
        (None, false) => Ok(quote! {
            ::crampon::__private::Origins::Listed(::crampon::__private::Cow::Borrowed(&[
                #(::crampon::__private::Cow::Borrowed(#listed)),*
            ]))
        }),
    }
}

/// What was read so far.
#[derive(Default)]
struct Read<'a> {
    any: Option<&'a Expr>,
    listed: Vec<LitStr>,
}

impl<'a> Read<'a> {
    fn all(&mut self, value: &'a Expr) -> Result<()> {
        let fault = |message: String| Err(Error::new_spanned(value, message));
        match value {
            Expr::Binary(either) if matches!(either.op, BinOp::BitOr(_)) => {
                self.all(&either.left)?;
                self.all(&either.right)
            }
            Expr::Group(group) => self.all(&group.expr),
            Expr::Path(path) if path.path.is_ident("any") => {
                self.any = Some(value);
                Ok(())
            }
            Expr::Path(path) if path.path.is_ident("own") => Ok(()),
            Expr::Path(path) if path.path.get_ident().is_some() => {
                let word = path.path.segments[0].ident.to_string();
                fault(match suggest::nearest(&word, &WORDS) {
                    Some(meant) => format!("unknown origin `{word}`; did you mean `{meant}`?"),
                    None => format!("unknown origin `{word}`; {FORM}"),
                })
            }
            Expr::Lit(ExprLit { lit: Lit::Str(origin), .. }) => {
                if let Some(message) = what_is_wrong_with(&origin.value()) {
                    return fault(message);
                }
                if self.listed.iter().any(|other| other.value() == origin.value()) {
                    return fault(format!("`{}` is listed twice; drop one", origin.value()));
                }
                self.listed.push(origin.clone());
                Ok(())
            }
            Expr::Array(_) | Expr::Tuple(_) => fault(
                "several origins are joined by `|`; write `origins = \"https://a.example\" | \
                 \"https://b.example\"`"
                    .to_owned(),
            ),
            _ => fault(format!("this is no origin; {FORM}")),
        }
    }
}

const FORM: &str = "write `any`, `own`, or one such as `\"https://app.example\"`";

/// Says why this names no origin, if it does not.
fn what_is_wrong_with(origin: &str) -> Option<String> {
    if let Some(word) = WORDS.into_iter().find(|word| *word == origin) {
        return Some(format!("`{word}` is a word; drop the quotes: `origins = {word}`"));
    }
    if origin == "*" {
        return Some("all origins are called `any`; write `origins = any`".to_owned());
    }
    if origin == "null" {
        return Some(
            "`null` is what every page without a name is called; write `any`, or name the others"
                .to_owned(),
        );
    }
    let Some((scheme, authority)) = origin.split_once("://") else {
        return Some(format!("the origin `{origin}` has no scheme; write `\"https://{origin}\"`"));
    };
    if let Some(end) = authority.find(['/', '?', '#']) {
        let host = &authority[..end];
        return Some(format!("an origin has no path; write `\"{scheme}://{host}\"`"));
    }
    let parent = authority.strip_prefix("*.").unwrap_or(authority);
    if parent.contains('*') {
        return Some(
            "a `*` stands for the first names of a host; write `\"https://*.example.org\"`"
                .to_owned(),
        );
    }
    let is_named = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:[]".contains(&byte);
    if parent.is_empty() || scheme.is_empty() || !parent.bytes().all(is_named) {
        return Some(format!(
            "`{origin}` is not an origin; write a scheme, a host and perhaps a port: \
             `\"https://app.example:8443\"`"
        ));
    }
    let host = parent.split(':').next().unwrap_or_default();
    let is_wide = parent != authority && !host.contains('.') && host != "localhost";
    is_wide.then(|| {
        format!("`{origin}` would name everybody's pages; name a domain of your own below it")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> std::result::Result<String, String> {
        let value = syn::parse_str(value).expect("the test writes an expression");
        list(&value).map(|tokens| tokens.to_string()).map_err(|fault| fault.to_string())
    }

    #[test]
    fn words_and_origins_are_read() {
        let (any, own) = (
            quote!(::crampon::__private::Origins::Any).to_string(),
            quote!(::crampon::__private::Origins::Own).to_string(),
        );
        let listed = quote! {
            ::crampon::__private::Origins::Listed(::crampon::__private::Cow::Borrowed(&[
                ::crampon::__private::Cow::Borrowed("https://a.example"),
                ::crampon::__private::Cow::Borrowed("http://*.localhost:3000")
            ]))
        }
        .to_string();
        for (value, expected) in [
            ("any", &any),
            ("own", &own),
            (r#""https://a.example" | "http://*.localhost:3000""#, &listed),
            (r#"own | "https://a.example" | "http://*.localhost:3000""#, &listed),
        ] {
            assert_eq!(read(value).as_ref(), Ok(expected), "{value}");
        }
        for value in [
            r#""http://[::1]:3000""#,
            r#""https://xn--mnchen-3ya.example""#,
            r#""chrome-extension://abcdef""#,
        ] {
            assert!(read(value).is_ok(), "{value}");
        }
    }

    #[test]
    fn what_is_no_origin_says_what_to_write() {
        for (value, expected) in [
            ("anny", "unknown origin `anny`; did you mean `any`?"),
            (
                "everyone",
                "unknown origin `everyone`; write `any`, `own`, or one such as \
                 `\"https://app.example\"`",
            ),
            (
                "7",
                "this is no origin; write `any`, `own`, or one such as `\"https://app.example\"`",
            ),
            ("\"any\"", "`any` is a word; drop the quotes: `origins = any`"),
            ("\"*\"", "all origins are called `any`; write `origins = any`"),
            (
                "\"null\"",
                "`null` is what every page without a name is called; write `any`, or name the \
                 others",
            ),
            (
                "\"app.example\"",
                "the origin `app.example` has no scheme; write `\"https://app.example\"`",
            ),
            ("\"https://app.example/\"", "an origin has no path; write `\"https://app.example\"`"),
            (
                "\"https://app.*\"",
                "a `*` stands for the first names of a host; write `\"https://*.example.org\"`",
            ),
            (
                "\"https://*.org\"",
                "`https://*.org` would name everybody's pages; name a domain of your own below it",
            ),
            (
                "\"https://me@app.example\"",
                "`https://me@app.example` is not an origin; write a scheme, a host and perhaps a \
                 port: `\"https://app.example:8443\"`",
            ),
            (
                "[\"https://a.example\"]",
                "several origins are joined by `|`; write `origins = \"https://a.example\" | \
                 \"https://b.example\"`",
            ),
            (
                "\"https://a.example\" | \"https://a.example\"",
                "`https://a.example` is listed twice; drop one",
            ),
            ("any | \"https://a.example\"", "`any` names all there are; drop it, or the others"),
        ] {
            assert_eq!(read(value), Err(expected.to_owned()), "{value}");
        }
    }
}
