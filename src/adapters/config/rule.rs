//! The types of options in the form in which a config layer reads them: lines, each a check. The form is described, and
//! read, by `adapters/crates/config-rules`.

use crate::adapters::option::OptionType;

const BASE: &str = "has a character %, which a base URL cannot have";
const URL: &str = "has a character %, which a URL has percent-encoded";
const PATH: &str = "has a character %, which a path has percent-encoded";
const HEADER: &str = "+a!#$%&'*+-.^_`|~\thas a character %, which no header has in its name";

/// The rule by which a layer accepts what [`OptionType::parse`] accepts, with the same complaints.
#[must_use]
pub fn rule(kind: &OptionType) -> String {
    let plain = "-c\thas a control character";
    let topic = "-*>#+ \thas a character %, which a single topic cannot have";
    let pattern = ">>#+ \thas a %; `*` stands for a part of a token, a last `>` for the rest of the topic";
    let key = "-, \tis not one metadata key";
    match kind {
        OptionType::Text => plain.to_owned(),
        OptionType::Topic => format!("!\n{topic}\n{plain}"),
        OptionType::TopicPatterns => format!(",\n{pattern}\n{plain}"),
        OptionType::Key => format!("!\n{key}\n{plain}"),
        OptionType::OptionalKey => format!("{key}\n{plain}"),
        OptionType::Keys => format!(",\n{plain}"),
        OptionType::StoreKey => "+a/_.=-\thas a character %; a key holds only A-Z a-z 0-9 / _ . = -".to_owned(),
        OptionType::Url => format!("^http://\thttps://\n+a-._~:/[]!$&'()*+,;=%\t{BASE}\nh\n~"),
        OptionType::UrlTemplate { .. } => {
            format!("^http://\thttps://\t{{base-url}}\n+a-._~:/?[]@!$&'()*+,;=%{{}}\t{URL}")
        }
        OptionType::Path => format!("^/\n+a-._~:/@!$&'()*+,;=%\t{PATH}\n/"),
        OptionType::Header => format!("!\n{HEADER}\nl"),
        OptionType::OptionalHeader | OptionType::HeaderPrefix => format!("{HEADER}\nl"),
        OptionType::Subscriptions => format!(",\n{plain}\n@/\tis not PUBSUB/TOPIC"),
        OptionType::Number { min, max } => format!("#{min}\t{max}"),
        OptionType::Choice { values } => format!("={}", values.join("\t")),
    }
}
