//! The attributes of Crampon.

use proc_macro::TokenStream;

macro_rules! stub {
    ($($name:ident)*) => { $(
        /// To come.
        #[proc_macro_attribute]
        pub fn $name(_: TokenStream, item: TokenStream) -> TokenStream { item }
    )* };
}
stub! { action service callbacks before_start on_start on_data on_message on_finish periodic_timer }
