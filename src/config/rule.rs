//! The types of options in the form in which a config layer reads them: lines, each a check. The form is described, and
//! read, by `adapters/crates/config-rules`.

use crate::option::OptionType;

/// The rule by which a layer accepts what [`OptionType::parse`] accepts, with the same complaints.
#[must_use]
pub fn rule(kind: &OptionType) -> String {
    let key = "-,\tis not one metadata key\nc";
    match kind {
        OptionType::Text => "c".to_owned(),
        OptionType::Topic => "!\n-*>#+\thas a character %, which a single topic cannot have\nc".to_owned(),
        OptionType::TopicPatterns => {
            ",\n>>#+\thas a %; `*` stands for a part of a token, a last `>` for the rest of the topic\nc".to_owned()
        }
        OptionType::Key => format!("!\n{key}"),
        OptionType::OptionalKey => key.to_owned(),
        OptionType::Keys => ",\nc".to_owned(),
        OptionType::StoreKey => "+/_.=-\thas a character %; a key holds only A-Z a-z 0-9 / _ . = -".to_owned(),
        OptionType::Number { min, max } => format!("#{min}\t{max}"),
        OptionType::Choice { values } => format!("={}", values.join("\t")),
    }
}
