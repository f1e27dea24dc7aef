//! What the README tells a stranger to type.
