//! Clients: each has a name, which decides what connection it uses.

use crate::{
    bindings::exports::wasi::messaging::types::{Client as Handle, Error, GuestClient},
    p2::State,
};
use alloc::string::String;
use core::cell::Cell;

/// The guest's `client`.
pub struct Client {
    name: String,
    /// The number of its connection.
    connection: usize,
    connected: Cell<bool>,
}

impl GuestClient for Client {
    /// Does not connect yet. Fails if the options of this client are of no use.
    fn connect(name: String) -> Result<Handle, Error> {
        let connection = State::get()?.number(&name)?;
        Ok(Handle::new(Self { name, connection, connected: Cell::new(true) }))
    }

    fn disconnect(&self) -> Result<(), Error> {
        self.connected.set(false);
        Ok(())
    }
}

impl Client {
    /// Returns the number of the connection. Fails once the client is disconnected.
    pub fn connection(&self) -> Result<usize, Error> {
        if self.connected.get() {
            Ok(self.connection)
        } else {
            Err(Error::Connection(["client `", &self.name, "` is disconnected"].concat()))
        }
    }
}
