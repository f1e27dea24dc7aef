//! Sets of characters in their text form: ASCII characters that stand for themselves, and bytes that stand for a class.

use alloc::string::String;

/// Characters that belong together, for a [`Characters`](crate::Characters).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Class {
    /// A-Z, a-z and 0-9.
    LettersAndDigits,
    /// Everything that Unicode calls white space.
    WhiteSpace,
    /// Control characters.
    Control,
}

impl Class {
    /// The byte that stands for the class: a control character, which no set has otherwise.
    const fn mark(self) -> u8 {
        match self {
            Class::LettersAndDigits => 1,
            Class::WhiteSpace => 2,
            Class::Control => 3,
        }
    }
}

/// The text form of a set.
pub fn write(characters: &str, classes: &[Class]) -> String {
    characters.chars().chain(classes.iter().map(|class| char::from(class.mark()))).collect()
}

/// Whether a set has a character.
pub fn has(set: &str, c: char) -> bool {
    set.bytes().any(|mark| match mark {
        1 => c.is_ascii_alphanumeric(),
        2 => c.is_whitespace(),
        3 => c.is_control(),
        itself => char::from(itself) == c,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_what_was_written_into_it_and_nothing_else() {
        let set = write("ab \\-", &[Class::Control]);
        let all = || (0..0x300).filter_map(char::from_u32);
        assert_eq!(
            all().filter(|c| has(&set, *c)).collect::<String>(),
            all().filter(|c| "ab \\-".contains(*c) || c.is_control()).collect::<String>()
        );
        let all_classes = write("", &[Class::LettersAndDigits, Class::WhiteSpace]);
        for c in all() {
            assert_eq!(has(&all_classes, c), c.is_ascii_alphanumeric() || c.is_whitespace(), "{c:?}");
        }
        assert!(!all().any(|c| has("", c)));
    }
}
