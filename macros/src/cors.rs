//! The pages of other origins that may read an action's answers: `cors(..)`.
//!
//! Knows how it is written; what browsers make of it is for the library.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{BinOp, Error, Expr, ExprLit, Lit, Result};

use crate::duration::Duration;
use crate::origins;
use crate::setting::Setting;
use crate::suggest;

/// What to say to a `cors` that is written as a value.
pub const FORM: &str = "`cors` has its settings in parentheses; write \
                        `cors(origins = \"https://app.example\")`";

/// Its settings, in the order they are taught.
const NAMES: [&str; 5] = ["origins", "credentials", "headers", "exposed", "max_age"];

/// Reads the settings in the parentheses of `cors(..)` into a `Cors`, for an action whose own
/// `origins` are these.
pub fn read(key: &Ident, settings: &[Setting], declared: Option<&Expr>) -> Result<TokenStream> {
    for (index, setting) in settings.iter().enumerate() {
        let name = setting.key.to_string();
        if !NAMES.contains(&&*name) {
            let message = format!("`{key}` has no `{name}`{}", suggest::ending(&name, &NAMES));
            return Err(Error::new(setting.key.span(), message));
        }
        if settings[..index].iter().any(|other| other.key == setting.key) {
            let message = format!("`{name}` is set twice; keep one");
            return Err(Error::new(setting.key.span(), message));
        }
    }
    let named = |name: &str| settings.iter().find(|setting| setting.key == name);
    let pages =
        named("origins").map(|setting| origins::list(value(setting, "\"https://app.example\"")?));
    let pages = match pages.transpose()? {
        Some(pages) => quote!(::core::option::Option::Some(#pages)),
        None => quote!(::core::option::Option::None),
    };
    let has_credentials = named("credentials").map(|it| {
        credentials(it, named("origins").and_then(|pages| pages.value.as_ref()).or(declared))
    });
    let has_credentials = has_credentials.transpose()?.is_some();
    let headers = named("headers").map(header_names).transpose()?.unwrap_or_default();
    let exposed = named("exposed").map(header_names).transpose()?.unwrap_or_default();
    let max_age = match named("max_age") {
        Some(setting) => {
            let zero =
                "a preflight that is forgotten at once is asked each time; write more than 0";
            let age = Duration::parse("max_age", value(setting, "\"1h\"")?, zero)?;
            quote!(#age)
        }
        None => quote!(::crampon::__private::Cors::MAX_AGE),
    };
    Ok(quote! {
        ::crampon::__private::Cors {
            origins: #pages,
            has_credentials: #has_credentials,
            headers: ::crampon::__private::Cow::Borrowed(#headers),
            exposed: ::crampon::__private::Cow::Borrowed(#exposed),
            max_age: #max_age,
        }
    })
}

/// The value of a setting that must have one.
fn value<'a>(setting: &'a Setting, example: &str) -> Result<&'a Expr> {
    let key = &setting.key;
    setting.value.as_ref().ok_or_else(|| {
        Error::new(key.span(), format!("`{key}` has no value; write `{key} = {example}`"))
    })
}

/// Reads `credentials`, a word alone, which any page together with `any` would be one too much.
fn credentials(setting: &Setting, pages: Option<&Expr>) -> Result<()> {
    if let Some(value) = &setting.value {
        let message = "`credentials` is a word alone; drop the value, or the word for no";
        return Err(Error::new_spanned(value, message));
    }
    let is_any = |value: &Expr| matches!(value, Expr::Path(path) if path.path.is_ident("any"));
    if pages.is_some_and(is_any) {
        let message = "every page of the web would read with its viewer's cookies; name the pages: \
                       `origins = \"https://app.example\"`";
        return Err(Error::new(setting.key.span(), message));
    }
    Ok(())
}

/// Reads `"x-token" | "x-page"` into a comma list.
fn header_names(setting: &Setting) -> Result<String> {
    let mut names = Vec::new();
    collect(value(setting, "\"x-token\"")?, &setting.key, &mut names)?;
    Ok(names.join(", "))
}

fn collect(value: &Expr, key: &Ident, names: &mut Vec<String>) -> Result<()> {
    let fault = |message: String| Err(Error::new_spanned(value, message));
    match value {
        Expr::Binary(either) if matches!(either.op, BinOp::BitOr(_)) => {
            collect(&either.left, key, names)?;
            collect(&either.right, key, names)
        }
        Expr::Group(group) => collect(&group.expr, key, names),
        Expr::Lit(ExprLit { lit: Lit::Str(name), .. }) => {
            let name = name.value();
            let is_token =
                |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
            if name.is_empty() || !name.bytes().all(is_token) {
                return fault(format!(
                    "`{name}` is no header's name; several are joined by `|`: \
                     `{key} = \"x-token\" | \"x-page\"`"
                ));
            }
            if names.contains(&name) {
                return fault(format!("`{name}` is listed twice; drop one"));
            }
            names.push(name);
            Ok(())
        }
        _ => {
            fault(format!("a header's name is a string; write `{key} = \"x-token\" | \"x-page\"`"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(settings: &str) -> std::result::Result<String, String> {
        let tokens = settings.parse().expect("the test writes tokens");
        let settings = Setting::list(tokens).expect("they are settings");
        let key = Ident::new("cors", proc_macro2::Span::call_site());
        super::read(&key, &settings, None)
            .map(|tokens| tokens.to_string())
            .map_err(|fault| fault.to_string())
    }

    #[test]
    fn settings_become_data() {
        let read = read(
            "origins = \"https://a.example\", credentials, headers = \"x-token\" | \"x-page\", \
             exposed = \"x-total\", max_age = \"10m\"",
        );
        let expected = quote! {
            ::crampon::__private::Cors {
                origins: ::core::option::Option::Some(::crampon::__private::Origins::Listed(
                    ::crampon::__private::Cow::Borrowed(&[
                        ::crampon::__private::Cow::Borrowed("https://a.example")
                    ])
                )),
                has_credentials: true,
                headers: ::crampon::__private::Cow::Borrowed("x-token, x-page"),
                exposed: ::crampon::__private::Cow::Borrowed("x-total"),
                max_age: ::crampon::__private::Duration::from_millis(600000u64),
            }
        };
        assert_eq!(read, Ok(expected.to_string()));
    }

    #[test]
    fn credentials_are_not_for_every_page_that_may_speak_either() {
        let settings = Setting::list(quote!(credentials)).expect("they are settings");
        let key = Ident::new("cors", proc_macro2::Span::call_site());
        for (declared, is_right) in
            [("any", false), ("own", true), ("\"https://app.example\"", true)]
        {
            let declared = syn::parse_str(declared).expect("the test writes an expression");
            assert_eq!(super::read(&key, &settings, Some(&declared)).is_ok(), is_right);
        }
    }

    #[test]
    fn a_mistake_says_what_to_write() {
        for (settings, expected) in [
            ("origin = any", "`cors` has no `origin`; did you mean `origins`?"),
            ("origins", "`origins` has no value; write `origins = \"https://app.example\"`"),
            ("origins = anny", "unknown origin `anny`; did you mean `any`?"),
            ("headers = any, headers = any", "`headers` is set twice; keep one"),
            (
                "credentials = true",
                "`credentials` is a word alone; drop the value, or the word for no",
            ),
            (
                "origins = any, credentials",
                "every page of the web would read with its viewer's cookies; name the pages: \
                 `origins = \"https://app.example\"`",
            ),
            (
                "headers = \"x-a, x-b\"",
                "`x-a, x-b` is no header's name; several are joined by `|`: \
                 `headers = \"x-token\" | \"x-page\"`",
            ),
            (
                "exposed = [\"x-a\"]",
                "a header's name is a string; write `exposed = \"x-token\" | \"x-page\"`",
            ),
            ("headers = \"x-a\" | \"x-a\"", "`x-a` is listed twice; drop one"),
            ("max_age = 60", "a duration is a string with a unit; write `max_age = \"60s\"`"),
            (
                "max_age = \"0s\"",
                "a preflight that is forgotten at once is asked each time; write more than 0",
            ),
        ] {
            assert_eq!(read(settings), Err(expected.to_owned()), "{settings}");
        }
    }
}
