//! Hosts: what each of them offers and calls, and whether a component runs there.

pub mod check;
pub mod profile;
