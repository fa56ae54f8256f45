//! The mistakes found in one use of an attribute, told all at once.
//!
//! Knows nothing of what is wrong: whoever reads collects here and reads on, so that a second run
//! of the compiler brings nothing new.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Error, Result};

/// The mistakes found so far; as tokens, a `compile_error!` for each.
#[derive(Default)]
pub struct Faults(Option<Error>);

impl Faults {
    /// Adds one mistake.
    pub fn add(&mut self, fault: Error) {
        match &mut self.0 {
            Some(faults) => faults.combine(fault),
            None => self.0 = Some(fault),
        }
    }

    /// Takes what was read, or adds what was wrong with it.
    pub fn keep<T>(&mut self, read: Result<T>) -> Option<T> {
        read.map_err(|fault| self.add(fault)).ok()
    }
}

impl ToTokens for Faults {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.0.as_ref().map(Error::to_compile_error));
    }
}

#[cfg(test)]
impl Faults {
    /// What each of them says, in the order they were found.
    pub fn messages(&self) -> Vec<String> {
        self.0.iter().flatten().map(|fault| fault.to_string()).collect()
    }
}

#[cfg(test)]
mod tests {
    use proc_macro2::Span;

    use super::*;

    #[test]
    fn every_mistake_is_told_in_the_order_it_was_found() {
        let mut faults = Faults::default();
        for message in ["first", "second"] {
            let read: Result<()> = Err(Error::new(Span::call_site(), message));
            assert!(faults.keep(read).is_none());
        }
        assert_eq!(faults.keep(Ok(3)), Some(3));
        assert_eq!(faults.messages(), ["first", "second"]);
    }

    #[test]
    fn no_mistake_is_no_token() {
        assert!(Faults::default().to_token_stream().is_empty());
    }
}
