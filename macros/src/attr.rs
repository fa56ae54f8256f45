//! The attributes of callbacks: `#[on_start]`, `#[periodic_timer(every = "15s")]` and the others.
//!
//! Knows how each is written, not what the method below it looks like.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Attribute, Error, Expr, Lit, Meta, MetaList, Path, Result};

use crate::duration::Duration;
use crate::setting::Setting;
use crate::suggest;

/// The names that are ours inside a block: those of the callbacks, and the block's own, misplaced.
pub const NAMES: [&str; 10] = [
    "before_start",
    "on_start",
    "on_data",
    "on_message",
    "on_gap",
    "on_drain",
    "on_stop",
    "on_finish",
    "periodic_timer",
    "callbacks",
];

/// One callback attribute, read.
pub struct Mark {
    /// Which list of the table the method joins.
    pub list: List,
    /// The interval, if the list is [`List::Timers`].
    pub every: Option<Every>,
    /// The attribute's name, to blame.
    pub path: Path,
}

/// A list of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    BeforeStart,
    OnStart,
    OnData,
    OnPart,
    OnMessage,
    OnGap,
    OnDrain,
    OnStop,
    OnFinish,
    Timers,
}

impl List {
    /// How the attribute that puts a method there is written, without its settings.
    pub fn attribute(self) -> &'static str {
        match self {
            Self::BeforeStart => "#[before_start]",
            Self::OnStart => "#[on_start]",
            Self::OnData => "#[on_data]",
            Self::OnPart => "#[on_data(stream)]",
            Self::OnMessage => "#[on_message]",
            Self::OnGap => "#[on_gap]",
            Self::OnDrain => "#[on_drain]",
            Self::OnStop => "#[on_stop]",
            Self::OnFinish => "#[on_finish]",
            Self::Timers => "#[periodic_timer]",
        }
    }
}

/// How often a periodic timer fires.
pub enum Every {
    /// As often as the attribute says.
    Fixed(Duration),
    /// As often as this method says.
    Asked(TokenStream),
}

impl ToTokens for Every {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(match self {
            Self::Fixed(duration) => quote!(::crampon::__private::Every::Fixed(#duration)),
            Self::Asked(method) => quote!(::crampon::__private::Every::Asked(#method)),
        });
    }
}

/// The name by which an attribute is ours: `on_start`, also written `crampon::on_start`.
pub fn name(attribute: &Attribute) -> Option<&'static str> {
    let written = written(attribute)?;
    NAMES.into_iter().find(|name| *name == written)
}

/// Says which of ours was meant by an attribute that is nearly one.
pub fn misspelt(attribute: &Attribute) -> Option<Error> {
    let written = written(attribute)?;
    let name = suggest::nearest(&written, &NAMES)?;
    let message = format!("unknown attribute `#[{written}]`; did you mean `#[{name}]`?");
    Some(Error::new_spanned(attribute.path(), message))
}

/// Says that an attribute of ours cannot hide in a `cfg_attr`, which nobody has evaluated yet.
pub fn conditional(attribute: &Attribute) -> Option<Error> {
    let Meta::List(MetaList { path, tokens, .. }) = &attribute.meta else { return None };
    let ours = |token| match token {
        TokenTree::Ident(word) if NAMES.iter().any(|name| word == name) => Some(word),
        _ => None,
    };
    let word = tokens.clone().into_iter().find_map(ours).filter(|_| path.is_ident("cfg_attr"))?;
    let message = format!(
        "`#[{word}]` cannot stand in a `cfg_attr`; write `#[{word}]` and a `#[cfg(..)]` on a \
         method of its own"
    );
    Some(Error::new(word.span(), message))
}

fn written(attribute: &Attribute) -> Option<String> {
    let segments = &attribute.path().segments;
    match segments.len() {
        1 => Some(segments[0].ident.to_string()),
        2 if segments[0].ident == "crampon" => Some(segments[1].ident.to_string()),
        _ => None,
    }
}

impl Mark {
    /// Reads an attribute whose name is one of ours.
    pub fn parse(name: &str, attribute: &Attribute) -> Result<Self> {
        let mut every = None;
        let list = match name {
            "before_start" => bare(name, attribute, List::BeforeStart)?,
            "on_start" => bare(name, attribute, List::OnStart)?,
            "on_message" => bare(name, attribute, List::OnMessage)?,
            "on_gap" => bare(name, attribute, List::OnGap)?,
            "on_drain" => bare(name, attribute, List::OnDrain)?,
            "on_stop" => bare(name, attribute, List::OnStop)?,
            "on_finish" => bare(name, attribute, List::OnFinish)?,
            "on_data" => on_data(attribute)?,
            "periodic_timer" => {
                every = Some(interval(attribute)?);
                List::Timers
            }
            _ => return Err(Error::new_spanned(attribute.path(), misplaced(name))),
        };
        Ok(Self { list, every, path: attribute.path().clone() })
    }
}

/// Says where an attribute of ours belongs.
pub fn misplaced(name: &str) -> String {
    match name {
        "callbacks" => "`#[callbacks]` belongs on the `impl` block, not inside it".to_owned(),
        name => {
            format!("`#[{name}]` belongs on a method inside an `impl` block marked `#[callbacks]`")
        }
    }
}

fn bare(name: &str, attribute: &Attribute, list: List) -> Result<List> {
    let fault = |blamed: &dyn ToTokens| {
        let message = format!("`#[{name}]` takes no arguments; write `#[{name}]`");
        Err(Error::new_spanned(blamed.to_token_stream(), message))
    };
    match &attribute.meta {
        Meta::Path(_) => Ok(list),
        Meta::List(MetaList { tokens, path, .. }) if tokens.is_empty() => fault(path),
        Meta::List(MetaList { tokens, .. }) => fault(tokens),
        Meta::NameValue(pair) => fault(&pair.value),
    }
}

/// Reads `#[on_data]` or `#[on_data(stream)]`.
fn on_data(attribute: &Attribute) -> Result<List> {
    let Meta::List(MetaList { tokens, .. }) = &attribute.meta else {
        return bare("on_data", attribute, List::OnData);
    };
    let word = tokens.to_string();
    match word.as_str() {
        "stream" => Ok(List::OnPart),
        "" => bare("on_data", attribute, List::OnData),
        _ => {
            let ending = suggest::ending(&word, &["stream"]);
            let message = format!("unknown word `{word}` in `#[on_data]`{ending}");
            Err(Error::new_spanned(tokens, message))
        }
    }
}

/// Reads `every = "15s"` or `every = Self::pace`.
fn interval(attribute: &Attribute) -> Result<Every> {
    let missing = |blamed: &dyn ToTokens, example: &str| {
        let message = format!(
            "a periodic timer says how often; write `#[periodic_timer(every = {example})]`"
        );
        Error::new_spanned(blamed.to_token_stream(), message)
    };
    let Meta::List(MetaList { tokens, path, .. }) = &attribute.meta else {
        return Err(missing(attribute.path(), "\"15s\""));
    };
    if tokens.is_empty() {
        return Err(missing(path, "\"15s\""));
    }
    if let Ok(Lit::Str(text)) = syn::parse2::<Lit>(tokens.clone()) {
        return Err(missing(tokens, &text.token().to_string()));
    }
    let mut every = None;
    for Setting { key, value, .. } in Setting::list(tokens.clone())? {
        if key != "every" {
            let ending = suggest::ending(&key.to_string(), &["every"]);
            let message = format!("unknown setting `{key}` of a periodic timer{ending}");
            return Err(Error::new(key.span(), message));
        }
        if every.is_some() {
            let twice = "`every` is set twice; write a `#[periodic_timer(..)]` for each";
            return Err(Error::new(key.span(), twice));
        }
        let value = value.ok_or_else(|| missing(&key, "\"15s\""))?;
        every = Some(match value {
            Expr::Path(method) => Every::Asked(method.into_token_stream()),
            value => {
                let zero = "a periodic timer cannot fire every 0 ms";
                Every::Fixed(Duration::parse("every", &value, zero)?)
            }
        });
    }
    every.ok_or_else(|| missing(path, "\"15s\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(attribute: &str) -> std::result::Result<List, String> {
        let method: syn::ItemFn = syn::parse_str(&format!("{attribute} fn f() {{}}"))
            .expect("the test writes an attribute");
        let attribute = &method.attrs[0];
        let name = name(attribute).expect("the attribute is ours");
        Mark::parse(name, attribute).map(|mark| mark.list).map_err(|fault| fault.to_string())
    }

    #[test]
    fn every_attribute_names_its_list() {
        for (attribute, list) in [
            ("#[before_start]", List::BeforeStart),
            ("#[on_start]", List::OnStart),
            ("#[crampon::on_start]", List::OnStart),
            ("#[on_data]", List::OnData),
            ("#[on_data(stream)]", List::OnPart),
            ("#[on_message]", List::OnMessage),
            ("#[on_gap]", List::OnGap),
            ("#[on_drain]", List::OnDrain),
            ("#[on_stop]", List::OnStop),
            ("#[on_finish]", List::OnFinish),
            ("#[periodic_timer(every = \"1s\")]", List::Timers),
            ("#[periodic_timer(every = Self::pace)]", List::Timers),
        ] {
            assert_eq!(parse(attribute), Ok(list), "{attribute}");
        }
    }

    #[test]
    fn a_wrong_attribute_says_what_to_write() {
        let how_often = "a periodic timer says how often; write `#[periodic_timer(every =";
        for (attribute, expected) in [
            ("#[on_start()]", "`#[on_start]` takes no arguments; write `#[on_start]`".to_owned()),
            ("#[on_gap(all)]", "`#[on_gap]` takes no arguments; write `#[on_gap]`".into()),
            ("#[on_data = 3]", "`#[on_data]` takes no arguments; write `#[on_data]`".into()),
            (
                "#[on_data(steam)]",
                "unknown word `steam` in `#[on_data]`; did you mean `stream`?".into(),
            ),
            ("#[on_data(json)]", "unknown word `json` in `#[on_data]`; write `stream`".into()),
            ("#[periodic_timer]", format!("{how_often} \"15s\")]`")),
            ("#[periodic_timer()]", format!("{how_often} \"15s\")]`")),
            ("#[periodic_timer(every)]", format!("{how_often} \"15s\")]`")),
            ("#[periodic_timer(\"3s\")]", format!("{how_often} \"3s\")]`")),
            (
                "#[periodic_timer(evry = \"3s\")]",
                "unknown setting `evry` of a periodic timer; did you mean `every`?".into(),
            ),
            (
                "#[periodic_timer(every = \"3s\", every = \"4s\")]",
                "`every` is set twice; write a `#[periodic_timer(..)]` for each".into(),
            ),
            ("#[periodic_timer(every = \"0s\")]", "a periodic timer cannot fire every 0 ms".into()),
            ("#[callbacks]", "`#[callbacks]` belongs on the `impl` block, not inside it".into()),
        ] {
            assert_eq!(parse(attribute), Err(expected), "{attribute}");
        }
    }

    #[test]
    fn ours_in_a_condition_are_found() {
        let message = "`#[on_start]` cannot stand in a `cfg_attr`; write `#[on_start]` and a \
                       `#[cfg(..)]` on a method of its own";
        for (attribute, expected) in [
            ("#[cfg_attr(test, on_start)]", Some(message)),
            ("#[cfg_attr(unix, inline, crampon::on_start)]", Some(message)),
            ("#[cfg_attr(test, inline)]", None),
            ("#[other(on_start)]", None),
        ] {
            let method: syn::ItemFn =
                syn::parse_str(&format!("{attribute} fn f() {{}}")).expect("an attribute");
            let found = conditional(&method.attrs[0]).map(|fault| fault.to_string());
            assert_eq!(found.as_deref(), expected, "{attribute}");
        }
    }

    #[test]
    fn only_near_misses_of_ours_are_misspelt() {
        for (attribute, expected) in [
            ("#[on_strat]", Some("unknown attribute `#[on_strat]`; did you mean `#[on_start]`?")),
            ("#[on_gaps]", Some("unknown attribute `#[on_gaps]`; did you mean `#[on_gap]`?")),
            (
                "#[on_drained]",
                Some("unknown attribute `#[on_drained]`; did you mean `#[on_drain]`?"),
            ),
            ("#[inline]", None),
            ("#[other::on_strat]", None),
            ("#[cfg_attr(test, on_start)]", None),
            ("#[on_start]", None),
        ] {
            let method: syn::ItemFn =
                syn::parse_str(&format!("{attribute} fn f() {{}}")).expect("an attribute");
            let found = misspelt(&method.attrs[0]).map(|fault| fault.to_string());
            assert_eq!(found.as_deref(), expected, "{attribute}");
        }
    }
}
