//! A callback attribute that no `#[callbacks]` block has taken off: it stands in the wrong place.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::Error;

use crate::attr;

/// Writes the item as it was, and says where the attribute belongs.
///
/// The attributes of ours stacked below this one are taken off: they would say the same again.
pub fn expand(name: &str, item: TokenStream) -> TokenStream {
    let fault = Error::new(Span::call_site(), attr::misplaced(name)).to_compile_error();
    let item = without_ours(item);
    quote!(#item #fault)
}

/// Drops our attributes from the front of an item.
fn without_ours(item: TokenStream) -> TokenStream {
    let mut kept = TokenStream::new();
    let mut rest = item.into_iter().peekable();
    while let Some(token) = rest.next() {
        let is_hash = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '#');
        if is_hash && rest.next_if(is_ours).is_some() {
            continue;
        }
        token.to_tokens(&mut kept);
    }
    kept
}

fn is_ours(token: &TokenTree) -> bool {
    let TokenTree::Group(group) = token else { return false };
    let mut words = group.stream().into_iter().filter_map(|token| match token {
        TokenTree::Ident(word) => Some(word.to_string()),
        _ => None,
    });
    let name = words.find(|word| word != "crampon");
    group.delimiter() == Delimiter::Bracket
        && name.is_some_and(|name| attr::NAMES.contains(&name.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stack_of_ours_is_one_mistake() {
        let item = quote!(
            #[doc = "kept"]
            #[periodic_timer(every = "1s")]
            fn f(&mut self) {}
        );
        let expanded = expand("on_start", item).to_string();
        assert!(
            expanded.starts_with(
                &quote!(
                    #[doc = "kept"]
                    fn f(&mut self) {}
                )
                .to_string()
            )
        );
        assert_eq!(expanded.matches("compile_error").count(), 1, "{expanded}");
    }
}
