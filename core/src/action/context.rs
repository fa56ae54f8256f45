//! The context: what a callback is lent.

use std::marker::PhantomData;

/// What a callback is lent for one call.
pub struct Context<A> {
    _action: PhantomData<fn(A)>,
}
