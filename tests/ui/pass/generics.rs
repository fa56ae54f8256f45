//! Generic actions: bounds on the struct, on the block only, constants and where clauses.

use std::marker::PhantomData;

use crampon::action::{Action, Context, Service};
use crampon::{action, callbacks, service};

trait Source {
    fn next(&mut self) -> u64;
}

#[action(transport = sse)]
struct Live<S> {
    source: S,
    latest: u64,
}

#[callbacks]
impl<S: Source + 'static> Live<S> {
    #[on_start]
    #[periodic_timer(every = "15s")]
    fn latest(&mut self, _cx: &mut Context<Self>) {
        self.latest = self.source.next();
    }
}

#[action(transport = websocket, message_bytes_max = 4 * N)]
struct Window<T, const N: usize = 8>
where
    T: Clone,
{
    values: [T; N],
}

#[callbacks]
impl<T, const N: usize> Window<T, N>
where
    T: Clone + PartialEq + 'static,
{
    #[on_data]
    fn received(&mut self, _cx: &mut Context<Self>, _text: &str) -> Result<(), String> {
        match self.values.iter().all(|value| *value == self.values[0]) {
            true => Ok(()),
            false => Err("they differ".to_owned()),
        }
    }
}

#[service]
enum Sampler<T> {
    Idle,
    Sampling(PhantomData<T>),
}

#[callbacks]
impl<T: Send + 'static> Sampler<T> {
    #[on_finish]
    fn rest(&mut self, _cx: &mut Context<Self>) {
        if let Self::Sampling(_) = self {
            *self = Self::Idle;
        }
    }
}

#[action(transport = regular)]
struct Page<'a, T> {
    _words: &'a [T],
}

#[callbacks]
impl<T> Page<'_, T> {}

struct Numbers;

impl Source for Numbers {
    fn next(&mut self) -> u64 {
        7
    }
}

fn main() {
    fn is_action<A: Action>() {}
    fn is_service<S: Service>() {}
    is_action::<Live<Numbers>>();
    is_action::<Window<u8>>();
    is_action::<Page<'static, u8>>();
    is_service::<Sampler<u8>>();
    let _ = Sampler::<u8>::Sampling(PhantomData);
}
