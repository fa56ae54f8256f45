//! Behind nginx and Apache.
