//! What the worker calls.

use super::state::State;
use crate::{
    Provider,
    bindings::exports::{
        msgcompose::broker::deliveries::{Guest, Orders},
        wasi::messaging::types::{Error, Message as Handle},
    },
    error::described,
    stderr::say,
};

impl Guest for Provider {
    fn begin(orders: Orders) -> Result<(), ()> {
        let begun = State::get().and_then(|mut state| {
            let (connection, worker) = state.parts()?;
            worker.begin(connection, orders)
        });
        begun.map_err(|error| say(&described(&error)))
    }

    fn next(outcome: Option<Result<(), Error>>) -> Result<Option<Handle>, ()> {
        let mut state = State::get().map_err(|error| say(&described(&error)))?;
        let (connection, worker) = state.parts().map_err(|error| say(&described(&error)))?;
        if let Some(outcome) = outcome {
            worker.settle(connection, outcome.map_err(broker::Error::from));
        }
        Ok(worker.next(connection)?.map(Handle::new))
    }
}
