//! `#[service]`: a struct that belongs to the process.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Error;

use crate::class::Class;
use crate::faults::Faults;

/// Writes the struct as it was, and its implementation of `Service`.
pub fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut faults = Faults::default();
    if !arguments.is_empty() {
        faults.add(Error::new_spanned(
            &arguments,
            "`#[service]` takes no settings: a service has no viewer, so no transport; \
             write `#[service]`",
        ));
    }
    let Some(class) = faults.keep(Class::parse("service", item.clone())) else {
        return quote!(#item #faults);
    };
    class.refuse("action", &mut faults);
    let name = class.name();
    let implemented = class.implement(
        quote!(::crampon::__private::Service),
        quote!(const NAME: &'static str = #name;),
    );
    quote!(#implemented #faults)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_a_struct_with_a_name() {
        let expanded = expand(
            quote!(),
            quote!(
                struct Sampler;
            ),
        )
        .to_string();
        let expected = quote! {
            struct Sampler;
            #[automatically_derived]
            impl ::crampon::__private::Service for Sampler {
                const NAME: &'static str = "Sampler";
            }
        };
        assert_eq!(expanded, expected.to_string());
    }
}
