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
            let message = format!("`#[{name}]` is here twice; drop one");
            faults.add(Error::new_spanned(&mark.path, message));
            continue;
        }
        marks.push(mark);
    }
    let first = marks.first()?;
    if let Some(other) = marks.iter().find(|mark| !mark.list.stacks_with(first.list)) {
        let message = format!(
            "`#[{}]` and `#[{}]` hand over different arguments; give each a method of its own",
            last(first),
            last(other)
        );
        faults.add(Error::new_spanned(&other.path, message));
        return None;
    }
    let signature = faults.keep(Signature::parse(first.list, &last(first), &method.sig))?;
    let cfgs = method.attrs.iter().filter(|a| a.path().is_ident("cfg")).cloned().collect();
    Some(Callback { cfgs, marks, signature })
}

/// The name a mark was written with, without `crampon::`.
fn last(mark: &Mark) -> String {
    mark.path.segments.last().expect("a mark has a name").ident.to_string()
}

/// Takes our attributes off, and those that are nearly ours.
fn taken(attributes: &mut Vec<Attribute>, faults: &mut Faults) -> Vec<(&'static str, Attribute)> {
    let mut ours = Vec::new();
    attributes.retain(|attribute| match (attr::name(attribute), attr::misspelt(attribute)) {
        (Some(name), _) => {
            ours.push((name, attribute.clone()));
            false
        }
        (None, Some(fault)) => {
            faults.add(fault);
            false
        }
        (None, None) => true,
    });
    ours
}

/// Takes our attributes off what is no method.
fn refuse(attributes: &mut Vec<Attribute>, faults: &mut Faults) {
    for (name, attribute) in taken(attributes, faults) {
        faults.add(Error::new_spanned(attribute.path(), attr::misplaced(name)));
    }
}
