//! The struct or enum that `#[action(..)]` or `#[service]` stands on: the class.
//!
//! Knows its name, its generics and the attributes that must follow it, not what is declared of it.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::{Attribute, Error, Generics, Item, Result};

use crate::faults::Faults;

/// A struct or an enum, as its author wrote it.
pub struct Class {
    ident: Ident,
    generics: Generics,
    cfgs: Vec<Attribute>,
    item: Item,
}

impl Class {
    /// Reads the item that `attribute` (`action` or `service`) stands on.
    pub fn parse(attribute: &str, item: TokenStream) -> Result<Self> {
        let item: Item = syn::parse2(item)?;
        let (ident, generics, attributes) = match &item {
            Item::Struct(item) => (&item.ident, &item.generics, &item.attrs),
            Item::Enum(item) => (&item.ident, &item.generics, &item.attrs),
            _ => return Err(misplaced(attribute, &item)),
        };
        let ident = ident.clone();
        let generics = generics.clone();
        let cfgs = attributes.iter().filter(|a| a.path().is_ident("cfg")).cloned().collect();
        Ok(Self { ident, generics, cfgs, item })
    }

    /// Blames the `other` of the two attributes: a type is one of them.
    pub fn refuse(&self, other: &str, faults: &mut Faults) {
        let attributes = match &self.item {
            Item::Struct(item) => &item.attrs,
            Item::Enum(item) => &item.attrs,
            _ => return,
        };
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident(other)) {
            faults.add(Error::new_spanned(
                attribute.path(),
                "a type is an action or a service, not both; drop one of the attributes",
            ));
        }
    }

    /// The name, as a string for the log.
    pub fn name(&self) -> String {
        self.ident.unraw().to_string()
    }

    /// Writes the item as it was, and `body` as its implementation of `bound`.
    ///
    /// A generic type need not repeat the bounds of its `#[callbacks]` block: it is an action
    /// where it has callbacks.
    pub fn implement(&self, bound: TokenStream, body: TokenStream) -> TokenStream {
        let Self { ident, cfgs, item, .. } = self;
        let mut generics = self.generics.clone();
        if !generics.params.is_empty() {
            let predicate = syn::parse_quote!(Self: ::crampon::__private::Callbacks);
            generics.make_where_clause().predicates.push(predicate);
        }
        let (parameters, arguments, predicates) = generics.split_for_impl();
        quote! {
            #item

            #(#cfgs)*
            #[automatically_derived]
            impl #parameters #bound for #ident #arguments #predicates {
                #body
            }
        }
    }
}

/// Says where the attribute belongs, and blames the item by its smallest part.
fn misplaced(attribute: &str, item: &Item) -> Error {
    let hint = match item {
        Item::Impl(_) => "; an `impl` block takes `#[callbacks]`",
        _ => "",
    };
    let message = format!("`#[{attribute}]` belongs on a struct or an enum{hint}");
    match item {
        Item::Impl(item) => Error::new_spanned(item.impl_token, message),
        Item::Fn(item) => Error::new_spanned(&item.sig.ident, message),
        Item::Trait(item) => Error::new_spanned(&item.ident, message),
        Item::Union(item) => Error::new_spanned(&item.ident, message),
        Item::Mod(item) => Error::new_spanned(&item.ident, message),
        item => Error::new_spanned(item.to_token_stream(), message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn implemented(item: &str) -> String {
        let item = item.parse().expect("the test writes tokens");
        let class = Class::parse("service", item).expect("the test writes a class");
        class.implement(quote!(Bound), quote!(BODY)).to_string()
    }

    #[test]
    fn the_item_stays_and_its_implementation_follows_under_the_same_cfg() {
        assert_eq!(
            implemented("#[cfg(unix)] #[derive(Debug)] pub struct S;"),
            quote! {
                #[cfg(unix)] #[derive(Debug)] pub struct S;
                #[cfg(unix)] #[automatically_derived] impl Bound for S { BODY }
            }
            .to_string()
        );
    }

    #[test]
    fn generics_lose_their_defaults_and_keep_their_bounds() {
        assert_eq!(
            implemented("enum E<T: Copy = u8, const N: usize = 1> where T: Send { A(T) }"),
            quote! {
                enum E<T: Copy = u8, const N: usize = 1> where T: Send { A(T) }
                #[automatically_derived]
                impl<T: Copy, const N: usize> Bound for E<T, N>
                where T: Send, Self: ::crampon::__private::Callbacks { BODY }
            }
            .to_string()
        );
    }

    #[test]
    fn a_raw_name_is_logged_without_its_prefix() {
        let class = Class::parse(
            "service",
            quote!(
                struct r#type;
            ),
        )
        .expect("a struct");
        assert_eq!(class.name(), "type");
    }
}
