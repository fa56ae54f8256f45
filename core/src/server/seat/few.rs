//! Few: a list of which most holders have one element at the most, and that takes no heap.

use std::mem;
use std::ops::Deref;

/// None, one in its place, or many on the heap: two words for elements of one.
#[derive(Clone, Debug, Default)]
#[expect(clippy::box_collection, reason = "the list is what has to be small")]
pub(crate) enum Few<T> {
    #[default]
    None,
    One(T),
    Many(Box<Vec<T>>),
}

impl<T> Few<T> {
    /// Adds one at the end.
    pub fn push(&mut self, element: T) {
        *self = match mem::take(self) {
            Self::None => Self::One(element),
            Self::One(first) => Self::Many(Box::new(vec![first, element])),
            Self::Many(mut many) => {
                many.push(element);
                Self::Many(many)
            }
        };
    }

    /// Takes the one at an index, where the last comes to be; with the last it gives up its heap.
    ///
    /// # Panics
    /// When there is none at the index.
    pub fn swap_remove(&mut self, at: usize) -> T {
        match mem::take(self) {
            Self::One(only) if at == 0 => only,
            Self::Many(mut many) => {
                let removed = many.swap_remove(at);
                if !many.is_empty() {
                    *self = Self::Many(many);
                }
                removed
            }
            _ => panic!("there is no element {at}"),
        }
    }
}

impl<T> Deref for Few<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        match self {
            Self::None => &[],
            Self::One(only) => std::slice::from_ref(only),
            Self::Many(many) => many,
        }
    }
}

impl<T> IntoIterator for Few<T> {
    type Item = T;
    type IntoIter = std::iter::Chain<std::option::IntoIter<T>, std::vec::IntoIter<T>>;

    fn into_iter(self) -> Self::IntoIter {
        let (one, many) = match self {
            Self::None => (None, Vec::new()),
            Self::One(only) => (Some(only), Vec::new()),
            Self::Many(many) => (None, *many),
        };
        one.into_iter().chain(many)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_are_kept_in_order_until_one_is_taken_from_among_them() {
        let mut few = Few::default();
        for (count, element) in (1..).zip(['a', 'b', 'c', 'd']) {
            few.push(element);
            assert_eq!(few.len(), count);
        }
        assert_eq!(few.swap_remove(1), 'b');
        assert_eq!(&*few, ['a', 'd', 'c']);
        assert_eq!(few.clone().into_iter().collect::<String>(), "adc");
        let taken: String = (0..3).map(|_| few.swap_remove(0)).collect();
        assert_eq!(taken, "acd");
        assert!(matches!(few, Few::None), "an empty list owns nothing");
    }

    #[test]
    fn one_takes_no_heap() {
        let mut few = Few::default();
        few.push(7);
        assert!(matches!(few, Few::One(7)));
        assert_eq!(few.swap_remove(0), 7);
        assert!(few.is_empty());
    }
}
