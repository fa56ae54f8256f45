//! Pieces: how an input is cut, from its own first byte.

/// Takes the first byte off an input: how long the pieces are that the rest arrives in.
pub fn split(input: &[u8]) -> Option<(usize, &[u8])> {
    let (step, rest) = input.split_first()?;
    Some((usize::from(*step) + 1, rest))
}

/// Where pieces of so many bytes end in an input of this length, its own end included.
pub fn ends(length: usize, step: usize) -> impl Iterator<Item = usize> {
    (step..length).step_by(step).chain([length])
}
