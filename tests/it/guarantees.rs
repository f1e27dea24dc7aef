//! The guarantees of `reqreply-over-pubsub`: a test for each line of `docs/request-reply.md`, by its number.

mod incoming;
mod requester;
mod responder;
