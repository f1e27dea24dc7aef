//! What the host's errors are to a guest.

use crate::bindings::exports::wasi::messaging::types::Error;
use http_code::Code;

/// Converts an `error-code` to an error of messaging.
pub fn failed(code: Code) -> Error {
    let reason = match code.case {
        // Timeouts: DNS, connecting, reading, writing, the response.
        0 | 8 | 9 | 10 | 33 => return Error::Timeout,
        // The address is prohibited, or the request is denied.
        4 | 15 => return Error::PermissionDenied("the host forbids the request".into()),
        // The host cannot send such a request, for example because a header is too large.
        16..=24 | 37 => return Error::Other("the host cannot send such a request".into()),
        1 => "the name of the server is not known",
        2 | 3 | 5 => "there is no way to the server",
        6 => "connection refused",
        7 | 25 => "the connection broke",
        11 => "too many connections",
        12..=14 => "TLS could not be agreed on",
        36 => "the request goes in a circle",
        _ => return Error::Connection(code.text.unwrap_or_else(|| "the response is not HTTP".into())),
    };
    Error::Connection(reason.into())
}
