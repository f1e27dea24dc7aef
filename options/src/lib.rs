//! Rules for the options of messaging adapters: what a value may be, and the one form that it is brought into.
//!
//! An adapter has options, and each option has a type. [msgcompose](https://docs.rs/msgcompose) checks a value against
//! its type while composing. A value can also be set when the composed component runs; then a small component inside of
//! it, the *config layer*, checks it. Both call this crate, so they take the same values. At run time a complaint shows
//! nothing of the value, because it may reach a stranger.
//!
//! ```
//! use msgcompose_options::{Check, Rule};
//!
//! # fn main() -> Result<(), msgcompose_options::RuleError> {
//! let rule = Rule::new(&[Check::NotEmpty, Check::BeginsWith(vec!["/".into()]), Check::SlashAtEnd])?;
//! assert_eq!(rule.check("/orders"), Ok("/orders/".to_owned()));
//! assert_eq!(rule.check("orders"), Err("does not begin with `/`".to_owned()));
//! # Ok(())
//! # }
//! ```
//!
//! # A rule is data
//!
//! A [`Rule`] is made of [`Check`]s and kept as text. That text is baked into the composed component, and the config
//! layer reads it there. A new type of option is a new text: the config layer stays as it is.
//!
//! - [`Rule::new`] writes the text, [`check`] reads it. [`check_secret`] does too, and shows nothing of the value.
//! - [`describe`] writes all that a config layer must know of an option, [`merge`] reads it, and puts the values that are
//!   set at run time over the baked ones.
//!
//! # The text form
//!
//! Each line is a check. Its first character says which; a tab (⇥) separates the texts behind it.
//!
//! | line | check | what passes |
//! |---|---|---|
//! | `,` | [`List`](Check::List) | first only: what follows is for each item between commas |
//! | `!` | [`NotEmpty`](Check::NotEmpty) | not empty |
//! | `-SET⇥COMPLAINT` | [`Without`](Check::Without) | none of these characters |
//! | `>SET⇥COMPLAINT` | the same, `but_last` | none of these, but the first of them may be the last of the value |
//! | `+SET⇥COMPLAINT` | [`Only`](Check::Only) | nothing but these |
//! | `#MIN⇥MAX` | [`Number`](Check::Number) | a decimal number in this range, without a sign and leading zeros afterwards |
//! | `=WORD⇥WORD…` | [`OneOf`](Check::OneOf) | one of these |
//! | `^WORD⇥WORD…` | [`BeginsWith`](Check::BeginsWith) | what begins with one of these |
//! | `@CHARACTER⇥COMPLAINT` | [`Pair`](Check::Pair) | what has it, with something before and behind it |
//! | `{NAME⇥NAME…` | [`Placeholders`](Check::Placeholders) | balanced braces, with these names in them |
//! | `h` | [`Host`](Check::Host) | a URL that has a plain host, or a name in braces in place of all before the path |
//! | `~` | [`NoSlashAtEnd`](Check::NoSlashAtEnd) | anything, without slashes at its end afterwards |
//! | `/` | [`SlashAtEnd`](Check::SlashAtEnd) | anything, with one slash at its end afterwards |
//! | `l` | [`LowerCase`](Check::LowerCase) | anything, in lower case afterwards |
//!
//! In a set, the control characters 1, 2 and 3 stand for ASCII letters and digits, for all white space, and for control
//! characters. A complaint is a predicate; the first `%` in it stands for the first character that is wrong. A line of
//! another kind passes everything.
//!
//! # Features
//!
//! - `serde` reads a [`Check`] from a manifest. Without it, the crate depends on nothing but `alloc`.
#![no_std]
#![expect(clippy::single_char_add_str, reason = "`push` brings the encoding of characters into the config layers")]

extern crate alloc;

mod check;
mod merge;
mod rule;
mod set;
mod shown;
mod text;

pub use check::{check, check_secret};
pub use merge::{Options, describe, get, merge};
pub use rule::{Characters, Check, Rule, RuleError};
pub use set::Class;
