//! The attributes of Crampon.

mod action;
mod attr;
mod callbacks;
mod class;
mod duration;
mod faults;
mod key;
mod outside;
mod service;
mod setting;
mod signature;
mod suggest;
mod table;
mod transport;

use proc_macro::TokenStream;

/// a
#[proc_macro_attribute]
pub fn action(arguments: TokenStream, item: TokenStream) -> TokenStream {
    action::expand(arguments.into(), item.into()).into()
}

/// a
#[proc_macro_attribute]
pub fn service(arguments: TokenStream, item: TokenStream) -> TokenStream {
    service::expand(arguments.into(), item.into()).into()
}

/// a
#[proc_macro_attribute]
pub fn callbacks(arguments: TokenStream, item: TokenStream) -> TokenStream {
    callbacks::expand(arguments.into(), item.into()).into()
}

/// a
#[proc_macro_attribute]
pub fn before_start(_arguments: TokenStream, item: TokenStream) -> TokenStream {
    outside::expand("before_start", item.into()).into()
}

/// a
#[proc_macro_attribute]
pub fn on_start(_arguments: TokenStream, item: TokenStream) -> TokenStream {
    outside::expand("on_start", item.into()).into()
}

/// a
#[proc_macro_attribute]
pub fn on_data(_arguments: TokenStream, item: TokenStream) -> TokenStream {
    outside::expand("on_data", item.into()).into()
}

/// a
#[proc_macro_attribute]
pub fn on_message(_arguments: TokenStream, item: TokenStream) -> TokenStream {
    outside::expand("on_message", item.into()).into()
}

/// a
#[proc_macro_attribute]
pub fn on_finish(_arguments: TokenStream, item: TokenStream) -> TokenStream {
    outside::expand("on_finish", item.into()).into()
}

/// a
#[proc_macro_attribute]
pub fn periodic_timer(_arguments: TokenStream, item: TokenStream) -> TokenStream {
    outside::expand("periodic_timer", item.into()).into()
}
