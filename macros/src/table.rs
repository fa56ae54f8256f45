//! The table of a block's callbacks, as one constant.
//!
//! Each entry is a name, a place, and a call: a closure that captures nothing and so is a function.
//! Where a type may not fit, the tokens of the call stand where its author wrote the type, for the
//! compiler to blame.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ItemImpl;
use syn::ext::IdentExt;

use crate::attr::{List, Mark};
use crate::callbacks::Callback;
use crate::signature::{Argument, Signature};

/// The lists of the table, by the fields they are in.
const LISTS: [(&str, List); 10] = [
    ("before_start", List::BeforeStart),
    ("on_start", List::OnStart),
    ("on_data", List::OnData),
    ("on_part", List::OnPart),
    ("on_message", List::OnMessage),
    ("on_gap", List::OnGap),
    ("on_drain", List::OnDrain),
    ("on_stop", List::OnStop),
    ("on_finish", List::OnFinish),
    ("timers", List::Timers),
];

/// A block and its callbacks; as tokens, the implementation of `Callbacks`.
///
/// A generic type has callbacks where it lives long enough to be called back; its block need not
/// say so.
pub struct Table<'a> {
    /// The block, for its generics and its type.
    pub block: &'a ItemImpl,
    /// The callbacks, in the order of declaration.
    pub callbacks: &'a [Callback],
}

impl Table<'_> {
    /// Writes the entries of one list.
    fn entries(&self, list: List) -> Vec<TokenStream> {
        let marks = self
            .callbacks
            .iter()
            .flat_map(|callback| callback.marks.iter().map(move |mark| (callback, mark)));
        marks.filter(|(_, mark)| mark.list == list).map(|(c, mark)| entry(c, mark)).collect()
    }
}

impl ToTokens for Table<'_> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let lists = LISTS.iter().filter_map(|(field, list)| {
            let field = Ident::new(field, Span::mixed_site());
            let entries = self.entries(*list);
            (!entries.is_empty()).then(|| quote!(#field: &[#(#entries),*],))
        });
        let mut generics = self.block.generics.clone();
        if !generics.params.is_empty() {
            generics.make_where_clause().predicates.push(syn::parse_quote!(Self: 'static));
        }
        let (parameters, _, predicates) = generics.split_for_impl();
        let cfgs = self.block.attrs.iter().filter(|a| a.path().is_ident("cfg"));
        let subject = &self.block.self_ty;
        tokens.extend(quote! {
            #(#cfgs)*
            #[automatically_derived]
            impl #parameters ::crampon::__private::Callbacks for #subject #predicates {
                #[allow(clippy::needless_update)]
                const TABLE: ::crampon::__private::Table<Self> = ::crampon::__private::Table {
                    #(#lists)*
                    ..::crampon::__private::Table::EMPTY
                };
            }
        });
    }
}

fn entry(callback: &Callback, mark: &Mark) -> TokenStream {
    let Callback { cfgs, signature, .. } = callback;
    let name = signature.ident.unraw().to_string();
    let line = quote_spanned!(signature.ident.span()=> ::core::line!());
    let call = call(mark.list, signature);
    let callback = quote! {
        ::crampon::__private::Callback {
            name: #name,
            place: ::crampon::__private::Place { file: ::core::file!(), line: #line },
            call: #call,
        }
    };
    let entry = match &mark.every {
        Some(every) => quote! {
            ::crampon::__private::PeriodicTimer { callback: #callback, every: #every }
        },
        None => callback,
    };
    quote!(#(#cfgs)* #entry)
}

/// Writes the closure: its argument converted, the method called, its result made an outcome.
fn call(list: List, signature: &Signature) -> TokenStream {
    let Signature { ident: method, context, argument, output } = signature;
    let this = Ident::new("this", Span::mixed_site());
    let cx = Ident::new("cx", *context);
    let (taken, handed_over) = match argument {
        None => (None, None),
        Some(Argument { ty, span }) => {
            let data = Ident::new("data", *span);
            let converted = match list {
                List::OnData => quote! {
                    <#ty as ::crampon::__private::FromData<'_>>::from_data(#data)
                        .map_err(::crampon::__private::Failure::Rejected)?
                },
                _ => quote!(#data),
            };
            (Some(data), Some(converted))
        }
    };
    let parameters = [&this, &cx].into_iter().chain(&taken);
    let function = quote_spanned!(method.span()=> Self::#method);
    let called = quote!(#function(#this, #cx, #handed_over));
    match output {
        None => quote! {
            |#(#parameters),*| {
                #called;
                ::core::result::Result::Ok(())
            }
        },
        Some(ty) => quote! {
            |#(#parameters),*| <#ty as ::crampon::__private::IntoOutcome>::into_outcome(#called)
        },
    }
}
