//! The signature a callback has, and what to say of another one.
//!
//! Looks at the shape only; whether a type fits is for the compiler to say.

use std::fmt;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{
    Error, FnArg, GenericParam, PatType, ReceiverKind, Result, ReturnType, Safety,
    Signature as Written, Type,
};

use crate::attr::List;

/// What the table needs to know of a method's signature.
pub struct Signature {
    /// The method's name.
    pub ident: Ident,
    /// Where the type of the context stands, to blame.
    pub context: Span,
    /// What arrives, if the callback takes any.
    pub argument: Option<Argument>,
    /// The type it returns, if it says one.
    pub output: Option<TokenStream>,
}

/// The argument after the context.
pub struct Argument {
    /// Its type.
    pub ty: TokenStream,
    /// Where the type stands, to blame.
    pub span: Span,
}

impl List {
    /// The argument after the context, as it is usually written.
    fn argument(self) -> Option<&'static str> {
        match self {
            Self::OnData => Some("text: &str"),
            Self::OnPart => Some("part: Part<'_>"),
            Self::OnMessage => Some("message: &Message"),
            Self::OnGap => Some("gap: &Gap"),
            Self::BeforeStart
            | Self::OnStart
            | Self::OnDrain
            | Self::OnStop
            | Self::OnFinish
            | Self::Timers => None,
        }
    }

    /// The type of which the argument is a reference, and what to say of one that is none.
    fn lent(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::OnMessage => Some(("Message", "a message is lent to a callback")),
            Self::OnGap => Some(("Gap", "a gap is lent to a callback")),
            _ => None,
        }
    }

    /// Whether one method can be in both lists.
    pub fn stacks_with(self, other: Self) -> bool {
        self.argument() == other.argument()
    }
}

impl Signature {
    /// Holds a method against the lists it is marked for, which all `list` stands for.
    pub fn parse(list: List, written: &Written) -> Result<Self> {
        let expected = Expected { list, ident: &written.ident };
        if let Some((word, blamed)) = qualifier(written) {
            return Err(expected.instead_of(&blamed, &format!("a callback cannot be {word}")));
        }
        let mut inputs = written.inputs.iter();
        expected.receiver(inputs.next())?;
        let context = expected.context(inputs.next())?;
        let argument = expected.argument(inputs.next())?;
        if let Some(extra) = inputs.next() {
            let what = format!("`{}` hands over one value after `cx`, not more", list.attribute());
            return Err(expected.instead_of(extra, &what));
        }
        Ok(Self::of(written, context, argument))
    }

    fn of(written: &Written, context: &PatType, argument: Option<&PatType>) -> Self {
        let lifetimes: Vec<&Ident> =
            written.generics.lifetimes().map(|parameter| &parameter.lifetime.ident).collect();
        let elided = |ty: &Type| elide(ty.to_token_stream(), &lifetimes);
        Self {
            ident: written.ident.clone(),
            context: blamed(&context.ty),
            argument: argument
                .map(|argument| Argument { ty: elided(&argument.ty), span: blamed(&argument.ty) }),
            output: match &written.output {
                ReturnType::Default => None,
                ReturnType::Type(_, ty) => Some(elided(ty)),
            },
        }
    }
}

/// The signature that a method of this name has on this list.
struct Expected<'a> {
    list: List,
    ident: &'a Ident,
}

impl Expected<'_> {
    /// Says what is wrong with `blamed`, and what to write.
    fn instead_of(&self, blamed: &impl ToTokens, what: &str) -> Error {
        Error::new_spanned(blamed, format!("{what}; write {self}"))
    }

    fn receiver(&self, first: Option<&FnArg>) -> Result<()> {
        let is_borrowed = |kind: &ReceiverKind| match kind {
            ReceiverKind::Reference(..) => true,
            ReceiverKind::Typed(_, ty) => matches!(**ty, Type::Reference(_)),
            _ => false,
        };
        Err(match first {
            Some(FnArg::Receiver(receiver)) if is_borrowed(&receiver.kind) => return Ok(()),
            Some(FnArg::Receiver(receiver)) => {
                self.instead_of(&receiver.self_token, "a callback borrows its action")
            }
            Some(FnArg::Typed(other)) => {
                self.instead_of(other, "a callback takes `&mut self` first")
            }
            None => self.instead_of(self.ident, "a callback takes `&mut self` and its context"),
        })
    }

    fn context<'a>(&self, second: Option<&'a FnArg>) -> Result<&'a PatType> {
        match second {
            Some(FnArg::Typed(context)) if is_named(&context.ty, "Context") => {
                Err(self.instead_of(&context.ty, "a context is lent to a callback"))
            }
            Some(FnArg::Typed(context)) => Ok(context),
            _ => Err(self.instead_of(self.ident, "a callback takes its context after `&mut self`")),
        }
    }

    fn argument<'a>(&self, third: Option<&'a FnArg>) -> Result<Option<&'a PatType>> {
        let attribute = self.list.attribute();
        let Some(FnArg::Typed(argument)) = third else {
            let what = format!("`{attribute}` hands over a value after `cx`");
            return match self.list.argument() {
                Some(_) => Err(self.instead_of(self.ident, &what)),
                None => Ok(None),
            };
        };
        if self.list.argument().is_none() {
            let what = format!("`{attribute}` has nothing to hand over after `cx`");
            return Err(self.instead_of(argument, &what));
        }
        if matches!(*argument.ty, Type::ImplTrait(_)) {
            return Err(self.instead_of(&argument.ty, "a callback cannot be generic"));
        }
        match self.list.lent() {
            Some((name, what)) if is_named(&argument.ty, name) => {
                Err(self.instead_of(&argument.ty, what))
            }
            _ => Ok(Some(argument)),
        }
    }
}

impl fmt::Display for Expected<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`fn {}(&mut self, cx: &mut Context<Self>", self.ident)?;
        if let Some(argument) = self.list.argument() {
            write!(f, ", {argument}")?;
        }
        f.write_str(")`")
    }
}

/// Finds the part of a type that tells it from others: what a reference refers to.
fn blamed(ty: &Type) -> Span {
    match ty {
        Type::Reference(reference) => blamed(&reference.elem),
        ty => ty.span(),
    }
}

/// Finds a word or parameter that no callback has, and the tokens to blame.
fn qualifier(written: &Written) -> Option<(&'static str, TokenStream)> {
    if let Some(word) = &written.constness {
        return Some(("`const`", word.to_token_stream()));
    }
    if let Some(word) = &written.asyncness {
        return Some(("`async`", word.to_token_stream()));
    }
    if let Safety::Unsafe(word) = &written.safety {
        return Some(("`unsafe`", word.to_token_stream()));
    }
    if let Some(word) = &written.abi {
        return Some(("`extern`", word.to_token_stream()));
    }
    let is_lifetime = |parameter: &&GenericParam| matches!(parameter, GenericParam::Lifetime(_));
    let generic = written.generics.params.iter().find(|parameter| !is_lifetime(parameter))?;
    Some(("generic", generic.to_token_stream()))
}

/// Whether a type is a plain path that ends in `name`.
fn is_named(ty: &Type, name: &str) -> bool {
    match ty {
        Type::Path(ty) => ty.path.segments.last().is_some_and(|last| last.ident == name),
        _ => false,
    }
}

/// Leaves the method's own lifetimes for the compiler to infer: outside the method they have no
/// name.
fn elide(tokens: TokenStream, lifetimes: &[&Ident]) -> TokenStream {
    let mut is_lifetime = false;
    let elided = tokens.into_iter().map(|token| match token {
        TokenTree::Ident(ident) if is_lifetime && lifetimes.contains(&&ident) => {
            is_lifetime = false;
            TokenTree::Ident(Ident::new("_", ident.span()))
        }
        TokenTree::Group(group) if group.delimiter() != Delimiter::Brace => {
            let mut inner = Group::new(group.delimiter(), elide(group.stream(), lifetimes));
            inner.set_span(group.span());
            TokenTree::Group(inner)
        }
        token => {
            is_lifetime = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '\'');
            token
        }
    });
    elided.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(list: List, method: &str) -> std::result::Result<Signature, String> {
        let method: syn::ImplItemFn =
            syn::parse_str(&format!("{method} {{}}")).expect("the test writes a method");
        Signature::parse(list, &method.sig).map_err(|fault| fault.to_string())
    }

    #[test]
    fn the_types_are_taken_as_they_are_written() {
        let method = "fn f(&mut self, cx: &mut Context<Self>, data: Json<Vec<T>>) -> Result<(), E>";
        let signature = parse(List::OnData, method).expect("a callback");
        let text = |tokens: Option<TokenStream>| tokens.map(|tokens| tokens.to_string());
        let argument = signature.argument.map(|argument| argument.ty);
        assert_eq!(text(argument).as_deref(), Some("Json < Vec < T > >"));
        assert_eq!(text(signature.output).as_deref(), Some("Result < () , E >"));
    }

    #[test]
    fn a_lifetime_of_the_method_is_left_to_be_inferred() {
        let method = "fn f<'a>(&'a mut self, cx: &mut Context<Self>, data: (&'a str, Data<'b>))";
        let signature = parse(List::OnData, method).expect("a callback");
        let argument = signature.argument.expect("it takes data").ty.to_string();
        assert_eq!(argument.replace(' ', ""), "(&'_str,Data<'b>)");
    }

    #[test]
    fn shapes_that_differ_in_nothing_that_matters_are_callbacks() {
        for (list, method) in [
            (List::OnStart, "fn f(&mut self, cx: &mut Context<Self>)"),
            (List::OnStart, "fn f(&self, _: &mut Context<Self>)"),
            (List::OnStart, "pub fn f(self: &mut Self, cx: &mut Context<Live<S>>) where S: Copy"),
            (List::OnMessage, "fn f(&mut self, cx: &mut Context<Self>, m: &Message) -> X"),
            (List::OnGap, "fn f(&mut self, cx: &mut Context<Self>, _: &crampon::action::Gap)"),
            (List::OnDrain, "fn f(&mut self, cx: &mut Context<Self>) -> X"),
            (List::OnStop, "fn f(&mut self, cx: &mut Context<Self>)"),
        ] {
            assert!(parse(list, method).is_ok(), "{method}");
        }
    }

    #[test]
    fn another_shape_is_refused_with_the_expected_one() {
        let step = "write `fn f(&mut self, cx: &mut Context<Self>)`";
        let data = "write `fn f(&mut self, cx: &mut Context<Self>, text: &str)`";
        let heard = "write `fn f(&mut self, cx: &mut Context<Self>, message: &Message)`";
        let missed = "write `fn f(&mut self, cx: &mut Context<Self>, gap: &Gap)`";
        let (on_start, on_data) = (List::OnStart, List::OnData);
        for (list, method, what, expected) in [
            (on_start, "fn f()", "a callback takes `&mut self` and its context", step),
            (on_start, "fn f(cx: &mut Context<Self>)", "a callback takes `&mut self` first", step),
            (on_start, "fn f(self, cx: &mut C)", "a callback borrows its action", step),
            (on_start, "fn f(&mut self)", "a callback takes its context after `&mut self`", step),
            (
                on_start,
                "fn f(&mut self, cx: Context<Self>)",
                "a context is lent to a callback",
                step,
            ),
            (
                on_start,
                "fn f(&mut self, cx: &mut C, text: &str)",
                "`#[on_start]` has nothing to hand over after `cx`",
                step,
            ),
            (
                on_data,
                "fn f(&mut self, cx: &mut C)",
                "`#[on_data]` hands over a value after `cx`",
                data,
            ),
            (
                on_data,
                "fn f(&mut self, cx: &mut C, text: impl AsRef<str>)",
                "a callback cannot be generic",
                data,
            ),
            (
                List::OnMessage,
                "fn f(&mut self, cx: &mut C, message: Message)",
                "a message is lent to a callback",
                heard,
            ),
            (
                List::OnGap,
                "fn f(&mut self, cx: &mut C, gap: Gap)",
                "a gap is lent to a callback",
                missed,
            ),
            (
                List::OnGap,
                "fn f(&mut self, cx: &mut C)",
                "`#[on_gap]` hands over a value after `cx`",
                missed,
            ),
            (
                List::OnDrain,
                "fn f(&mut self, cx: &mut C, bytes: usize)",
                "`#[on_drain]` has nothing to hand over after `cx`",
                step,
            ),
            (on_start, "async fn f(&mut self, cx: &mut C)", "a callback cannot be `async`", step),
            (on_start, "const fn f(&mut self, cx: &mut C)", "a callback cannot be `const`", step),
            (on_start, "unsafe fn f(&mut self, cx: &mut C)", "a callback cannot be `unsafe`", step),
            (
                on_start,
                "extern \"C\" fn f(&mut self, cx: &mut C)",
                "a callback cannot be `extern`",
                step,
            ),
            (on_start, "fn f<T>(&mut self, cx: &mut C)", "a callback cannot be generic", step),
        ] {
            let message = parse(list, method).err();
            assert_eq!(message, Some(format!("{what}; {expected}")), "{method}");
        }
    }
}
