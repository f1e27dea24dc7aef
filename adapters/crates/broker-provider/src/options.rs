//! The guest's `request-options`.

use crate::bindings::exports::wasi::messaging::request_reply::{GuestRequestOptions, RequestOptions as Handle};
use message::{Limits, RequestOptions};

message::request_options!(GuestRequestOptions);

/// Returns the limits of a request.
pub fn limits(options: Option<Handle>) -> Limits {
    options.map(|options| options.get::<RequestOptions>().limits()).unwrap_or_default()
}
