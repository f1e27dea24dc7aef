//! Requests that wait for answers.

use alloc::{collections::VecDeque, string::String, vec::Vec};
use broker::{Error, Limits, Ticket};
use message::Content;

/// All requests that were not forgotten.
#[derive(Default)]
pub struct Waiting {
    requests: Vec<Request>,
    last: Ticket,
}

/// A request.
struct Request {
    ticket: Ticket,
    topic: String,
    answers: VecDeque<Result<Content, Error>>,
    /// How many answers came, and their bytes. Those that were taken count: the guest gets all of them at once.
    count: usize,
    bytes: usize,
    /// No further answers come.
    has_failed: bool,
}

impl Waiting {
    /// Adds a request, and returns its ticket, which no other has.
    pub fn add(&mut self, topic: String) -> Ticket {
        self.last += 1;
        let (ticket, answers) = (self.last, VecDeque::new());
        self.requests.push(Request { ticket, topic, answers, count: 0, bytes: 0, has_failed: false });
        ticket
    }

    /// Removes a request.
    pub fn forget(&mut self, ticket: Ticket) {
        self.requests.retain(|request| request.ticket != ticket);
    }

    /// Adds an answer, which takes these bytes. Returns whether it could be kept. If nobody waits for it, that is so.
    /// Nothing is too large if no other answer is kept.
    pub fn answer(&mut self, ticket: Ticket, bytes: usize, answer: Content, limits: &Limits) -> bool {
        let Some(request) = self.requests.iter_mut().find(|request| request.ticket == ticket) else { return true };
        if request.has_failed {
            return true;
        }
        let has_room = request.count == 0 || bytes <= limits.bytes.saturating_sub(request.bytes);
        let fits = has_room && request.count < limits.answers;
        if fits {
            request.count += 1;
            request.bytes += bytes;
            request.answers.push_back(Ok(answer));
        }
        fits
    }

    /// Takes the next answer.
    pub fn take(&mut self, ticket: Ticket) -> Option<Result<Content, Error>> {
        self.requests.iter_mut().find(|request| request.ticket == ticket)?.answers.pop_front()
    }

    /// Ends requests with an error, which is given the topic: those that `which` chooses by ticket and topic, the oldest
    /// first, and `most` of them. Returns whether there is one.
    pub fn fail(
        &mut self,
        mut most: usize,
        which: &dyn Fn(Ticket, &str) -> bool,
        error: &dyn Fn(&str) -> Error,
    ) -> bool {
        let mut has_any = false;
        for request in &mut self.requests {
            if most > 0 && !request.has_failed && which(request.ticket, &request.topic) {
                request.has_failed = true;
                request.answers.push_back(Err(error(&request.topic)));
                has_any = true;
                most -= 1;
            }
        }
        has_any
    }
}
