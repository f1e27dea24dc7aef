/// How much a session keeps at most.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Messages of subscriptions that wait.
    pub messages: usize,
    /// Bytes of these, and bytes of answers to one request.
    pub bytes: usize,
    /// Bytes of one message.
    pub message: usize,
    /// Answers to one request.
    pub answers: usize,
}
