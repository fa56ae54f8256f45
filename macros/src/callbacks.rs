//! `#[callbacks]`: the class body, an `impl` block whose marked methods become a table.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Error, ImplItem, ImplItemFn, Item, ItemImpl, Result};

use crate::attr::{self, List, Mark};
use crate::faults::Faults;
use crate::signature::Signature;
use crate::table::Table;

/// A method with its marks.
pub struct Callback {
    /// The `#[cfg(..)]` of the method, which its entries share.
    pub cfgs: Vec<Attribute>,
    /// Its attributes of ours, in the order written; at least one.
    pub marks: Vec<Mark>,
    /// What it takes and returns.
    pub signature: Signature,
}

/// Writes the block without our attributes, and the table of its callbacks.
///
/// Methods that cannot be called are left out of the table, which is written all the same.
pub fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut faults = Faults::default();
    if !arguments.is_empty() {
        let message = "`#[callbacks]` takes no settings; those of the action stand in \
                       `#[action(..)]` on its struct";
        faults.add(Error::new_spanned(&arguments, message));
    }
    let Some(mut block) = faults.keep(block(item.clone())) else {
        return quote!(#item #faults);
    };
    if let Some((path, _)) = &block.trait_ {
        let message = "`#[callbacks]` belongs on an `impl` block of the type's own; drop the trait \
                       and its `for`";
        faults.add(Error::new_spanned(path, message));
    }
    let mut callbacks = Vec::new();
    for item in &mut block.items {
        match item {
            ImplItem::Fn(method) => callbacks.extend(callback(method, &mut faults)),
            ImplItem::Const(item) => refuse(&mut item.attrs, &mut faults),
            ImplItem::Type(item) => refuse(&mut item.attrs, &mut faults),
            ImplItem::Macro(item) => refuse(&mut item.attrs, &mut faults),
            _ => {}
        }
    }
    let table = Table { block: &block, callbacks: &callbacks };
    quote!(#block #table #faults)
}

fn block(item: TokenStream) -> Result<ItemImpl> {
    let fault = |blamed: &dyn quote::ToTokens, hint: &str| {
        let message = format!("`#[callbacks]` belongs on an `impl` block; {hint}");
        Err(Error::new_spanned(blamed.to_token_stream(), message))
    };
    let class = "a class header is `#[action(..)]` or `#[service]`";
    match syn::parse2(item)? {
        Item::Impl(block) => Ok(block),
        Item::Struct(item) => fault(&item.struct_token, class),
        Item::Enum(item) => fault(&item.enum_token, class),
        Item::Fn(item) => fault(&item.sig.ident, "put the function in one as a method"),
        Item::Trait(item) => fault(&item.trait_token, "write `impl` and the type"),
        Item::Mod(item) => fault(&item.mod_token, "mark the block inside the module"),
        item => fault(&item, "write `impl` and the type"),
    }
}

/// Takes our attributes off a method, and reads them.
fn callback(method: &mut ImplItemFn, faults: &mut Faults) -> Option<Callback> {
    let mut marks: Vec<Mark> = Vec::new();
    for (name, attribute) in taken(&mut method.attrs, faults) {
        let Some(mark) = faults.keep(Mark::parse(name, &attribute)) else { continue };
        if mark.list != List::Timers && marks.iter().any(|other| other.list == mark.list) {
            let message = format!("`{}` is here twice; drop one", mark.list.attribute());
            faults.add(Error::new_spanned(&mark.path, message));
            continue;
        }
        marks.push(mark);
    }
    let first = marks.first()?;
    if let Some(other) = marks.iter().find(|mark| !mark.list.stacks_with(first.list)) {
        let message = format!(
            "`{}` and `{}` hand over different arguments; give each a method of its own",
            first.list.attribute(),
            other.list.attribute()
        );
        faults.add(Error::new_spanned(&other.path, message));
        return None;
    }
    let signature = faults.keep(Signature::parse(first.list, &method.sig))?;
    let cfgs = method.attrs.iter().filter(|a| a.path().is_ident("cfg")).cloned().collect();
    Some(Callback { cfgs, marks, signature })
}

/// Takes our attributes off, and those that are nearly ours.
fn taken(attributes: &mut Vec<Attribute>, faults: &mut Faults) -> Vec<(&'static str, Attribute)> {
    let mut ours = Vec::new();
    attributes.retain(|attribute| {
        if let Some(name) = attr::name(attribute) {
            ours.push((name, attribute.clone()));
            return false;
        }
        let fault = attr::misspelt(attribute).or_else(|| attr::conditional(attribute));
        let is_fine = fault.is_none();
        fault.into_iter().for_each(|fault| faults.add(fault));
        is_fine
    });
    ours
}

/// Takes our attributes off what is no method.
fn refuse(attributes: &mut Vec<Attribute>, faults: &mut Faults) {
    for (name, attribute) in taken(attributes, faults) {
        faults.add(Error::new_spanned(attribute.path(), attr::misplaced(name)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a block of these methods is told, in order.
    fn messages(methods: TokenStream) -> Vec<String> {
        let mut faults = Faults::default();
        let mut block = block(quote!(impl Live { #methods })).expect("the test writes a block");
        for item in &mut block.items {
            if let ImplItem::Fn(method) = item {
                callback(method, &mut faults);
            }
        }
        faults.messages()
    }

    #[test]
    fn a_block_keeps_all_but_our_attributes_and_gets_a_table() {
        let expanded = expand(
            quote!(),
            quote! {
                impl<S: Source> Live<S> {
                    #[doc = "kept"]
                    #[on_message]
                    #[cfg(unix)]
                    fn heard(&mut self, cx: &mut Context<Self>, message: &Message) { body() }
                }
            },
        );
        let expected = quote! {
            impl<S: Source> Live<S> {
                #[doc = "kept"]
                #[cfg(unix)]
                fn heard(&mut self, cx: &mut Context<Self>, message: &Message) { body() }
            }
            #[automatically_derived]
            impl<S: Source> ::crampon::__private::Callbacks for Live<S> where Self: 'static {
                #[allow(clippy::needless_update)]
                const TABLE: ::crampon::__private::Table<Self> = ::crampon::__private::Table {
                    on_message: &[
                        #[cfg(unix)]
                        ::crampon::__private::Callback {
                            name: "heard",
                            place: ::crampon::__private::Place {
                                file: ::core::file!(),
                                line: ::core::line!()
                            },
                            call: |this, cx, data| {
                                Self::heard(this, cx, data);
                                ::core::result::Result::Ok(())
                            },
                        }
                    ],
                    ..::crampon::__private::Table::EMPTY
                };
            }
        };
        assert_eq!(expanded.to_string(), expected.to_string());
    }

    #[test]
    fn a_table_is_written_even_when_its_only_callback_is_wrong() {
        let expanded = expand(quote!(), quote!(impl Live { #[on_start] fn f() {} })).to_string();
        assert!(!expanded.contains("on_start :"), "{expanded}");
        assert!(expanded.contains("Callbacks for Live"), "{expanded}");
        assert_eq!(expanded.matches("compile_error").count(), 1, "{expanded}");
    }

    #[test]
    fn attributes_that_share_an_argument_stack_and_others_do_not() {
        let none: [&str; 0] = [];
        let method = quote!(
            fn f(&mut self, cx: &mut Context<Self>) {}
        );
        let timers = quote!(#[periodic_timer(every = "1s")] #[periodic_timer(every = "2s")]);
        assert_eq!(messages(quote!(#[before_start] #[on_start] #[on_drain] #timers #method)), none);
        assert_eq!(
            messages(quote!(#[on_start] #[on_finish] #[on_start] #method)),
            ["`#[on_start]` is here twice; drop one"]
        );
        assert_eq!(
            messages(quote!(#[on_start] #[on_message] #method)),
            ["`#[on_start]` and `#[on_message]` hand over different arguments; \
              give each a method of its own"]
        );
        assert_eq!(
            messages(quote!(#[on_message] #[on_gap] #method)),
            ["`#[on_message]` and `#[on_gap]` hand over different arguments; \
              give each a method of its own"]
        );
    }

    #[test]
    fn every_method_is_read_whatever_is_wrong_with_the_others() {
        let found = messages(quote! {
            #[on_strat] fn a(&mut self, cx: &mut Context<Self>) {}
            #[on_start] fn b() {}
            #[periodic_timer] fn c(&mut self, cx: &mut Context<Self>) {}
            fn no_callback() {}
        });
        assert_eq!(found.len(), 3, "{found:?}");
    }
}
