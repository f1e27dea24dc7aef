//! Media types (RFC 9110, section 8.3.1). They decide how data is written.

/// The content type for a message that has none.
pub const BYTES: &str = "application/octet-stream";

/// One event in JSON.
pub const EVENT: &str = "application/cloudevents+json";

/// A list of events in JSON.
pub const BATCH: &str = "application/cloudevents-batch+json";

/// A problem in JSON (RFC 9457).
pub const PROBLEM: &str = "application/problem+json";

/// Returns whether a content type is `media`, ignoring parameters and case.
pub fn is(content_type: &str, media: &str) -> bool {
    essence(content_type).eq_ignore_ascii_case(media)
}

/// Returns whether data of this content type is JSON.
pub fn is_json(content_type: &str) -> bool {
    let essence = essence(content_type);
    ends_with(essence, "/json") || ends_with(essence, "+json")
}

/// Returns whether data of this content type is text.
pub fn is_text(content_type: &str) -> bool {
    content_type.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("text/"))
}

fn essence(content_type: &str) -> &str {
    let end = content_type.bytes().position(|byte| byte == b';').unwrap_or(content_type.len());
    content_type.get(..end).unwrap_or_default().trim_ascii()
}

fn ends_with(text: &str, end: &str) -> bool {
    let start = text.len().checked_sub(end.len());
    start.and_then(|start| text.get(start..)).is_some_and(|found| found.eq_ignore_ascii_case(end))
}
