//! What both roles agree on, over every way to cut the input.
