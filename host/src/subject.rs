//! NATS subjects: tokens separated by dots. In a subscription, `*` matches one token and a final `>` matches the rest.

/// Returns whether a subscription receives a topic.
pub use subject::matches;

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn wildcards_stand_for_tokens() {
        for (subscription, topic, received) in [
            ("a.b", "a.b", true),
            ("a.b", "a.b.c", false),
            ("a.b.c", "a.b", false),
            ("a.*", "a.b", true),
            ("a.*", "a.b.c", false),
            ("*.b", "a.b", true),
            ("a.>", "a.b.c", true),
            ("a.>", "a", false),
            (">", "a", true),
        ] {
            assert_eq!(matches(subscription, topic), received, "{subscription} {topic}");
        }
    }
}
