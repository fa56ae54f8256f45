//! How handlers come and go.

use std::cell::Cell;
use std::rc::Rc;

use super::*;

/// A handler that counts how many of its kind there are, and holds one end of a wire.
struct Counted {
    living: Rc<Cell<usize>>,
    _stream: Stream,
}

impl Counted {
    fn new(living: &Rc<Cell<usize>>, scope: &mut Scope<'_>) -> io::Result<Self> {
        let (mut stream, _) = Stream::pair()?;
        scope.register(&mut stream, 0, Interest::READABLE)?;
        living.set(living.get() + 1);
        Ok(Self { living: Rc::clone(living), _stream: stream })
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.living.set(self.living.get() - 1);
    }
}

impl Handler for Counted {
    fn ready(&mut self, _: Readiness, _: &mut Scope<'_>) {}
}

#[test]
fn a_handler_may_add_another_and_end_itself() {
    let (mut reactor, parent) = probed(|_, line, scope| {
        if line == "expired 1" {
            let child = scope.add(|scope| {
                scope.after(seconds(1), 2);
                Ok(Probe::idle())
            });
            child.unwrap().post(|probe, _| probe.log.push("hello".into())).unwrap();
            scope.remove();
        }
    });
    with(&mut reactor, &parent, |_, scope| scope.after(Duration::ZERO, 1));
    tick(&mut reactor);
    assert_eq!(reactor.commons.roster.living(), 1);
    let key = reactor.commons.roster.at(1).expect("the child has the second place");
    let line = reactor.commons.roster.line(key, std::any::TypeId::of::<Probe>());
    let child = Handle::<Probe>::new(line.expect("it is a probe"));
    reactor.advance(seconds(1)).expect("it comes to rest");
    assert_eq!(log(&mut reactor, &child), ["hello", "settle", "expired 2", "settle"]);
}

#[test]
fn a_handler_that_ends_in_its_own_making_never_lives() {
    let (mut reactor, _) = Reactor::simulated(0);
    let stillborn = reactor.add(|scope| {
        scope.after(seconds(1), 1);
        scope.remove();
        Ok(Probe::new(|_, _, _| panic!("it never lives")))
    });
    let stillborn = stillborn.expect("it was made");
    assert_eq!(stillborn.post(|_, _| ()), Err(PostError::Gone));
    assert_eq!(reactor.commons.roster.living(), 0);
}

#[test]
fn a_handler_that_cannot_be_made_leaves_nothing_behind() {
    let mut reactor = Reactor::new().expect("descriptors are left");
    let living = Rc::default();
    let failed = reactor.add(|scope| {
        Counted::new(&living, scope)?;
        Err::<Counted, _>(io::Error::other("no luck"))
    });
    assert!(failed.is_err());
    assert_eq!((living.get(), reactor.commons.roster.living()), (0, 0));
    assert_eq!(reactor.commons.sources.len(), 0);
}

#[test]
fn what_a_handler_leaves_behind_is_swept_up() {
    let mut reactor = Reactor::new().expect("descriptors are left");
    let living = Rc::default();
    let handles: Vec<_> = (0..100)
        .map(|_| reactor.add(|scope| Counted::new(&living, scope)).expect("descriptors are left"))
        .collect();
    for (gone, handle) in handles.iter().enumerate() {
        assert_eq!(living.get(), 100 - gone);
        reactor.with(handle, |_, scope| scope.remove());
        assert!(reactor.commons.roster.abandoned() <= living.get().max(1));
    }
    assert_eq!((living.get(), reactor.commons.sources.len()), (0, 0));
}

#[test]
fn a_place_is_not_given_away_while_sources_of_its_holder_are_left() {
    let mut reactor = Reactor::new().expect("descriptors are left");
    let living = Rc::default();
    let first = reactor.add(|scope| Counted::new(&living, scope)).expect("descriptors are left");
    let _others: Vec<_> = (0..3)
        .map(|_| reactor.add(|scope| Counted::new(&living, scope)).expect("descriptors are left"))
        .collect();
    with(&mut reactor, &first, |_, scope| scope.remove());
    let next = add(&mut reactor, |_, _, _| ());
    assert_ne!(next.line.key.slot, first.line.key.slot);
}

#[test]
fn handlers_go_with_their_loop() {
    let mut reactor = Reactor::new().expect("descriptors are left");
    let living = Rc::default();
    reactor.add(|scope| Counted::new(&living, scope)).expect("descriptors are left");
    drop(reactor);
    assert_eq!(living.get(), 0);
}
