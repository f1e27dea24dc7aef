//! The state of an instance: its connections, and what the worker has done.

use super::{connection::Connection, worker::Worker};
use crate::settings::Settings;
use alloc::{borrow::ToOwned, string::String, vec::Vec};
use broker::Error;
use core::cell::{RefCell, RefMut};
use message::decimal;
use support::InstanceCell;

static STATE: InstanceCell<RefCell<State>> = InstanceCell::new();

pub struct State {
    /// The connections by the names of the clients that have their own. The first one is everyone else's.
    connections: Vec<(String, Connection)>,
    pub worker: Worker,
}

impl State {
    /// Borrows the state. Calls into this part do not overlap, so nobody else has it.
    pub fn get() -> Result<RefMut<'static, Self>, Error> {
        let state = STATE.get_or_try_init(|| {
            let connection = Connection::new(Settings::get()?)?;
            let connections = Vec::from([(String::new(), connection)]);
            Ok::<_, Error>(RefCell::new(Self { connections, worker: Worker::default() }))
        })?;
        state.try_borrow_mut().map_err(|_| Error::Other("the provider is at work".to_owned()))
    }

    /// Returns the number of the connection of the client with this name, which is made if it has options of its own.
    pub fn number(&mut self, name: &str) -> Result<usize, Error> {
        let settings = Settings::get()?;
        let Some(own) = settings.of_client(name) else { return Ok(0) };
        if let Some(number) = self.connections.iter().position(|(client, _)| client == name) {
            return Ok(number);
        }
        let most = settings.number("max-clients");
        if self.connections.len() as u64 > most {
            return Err(Error::Other(["more than ", &decimal(most), " clients (`max-clients`)"].concat()));
        }
        self.connections.push((name.to_owned(), Connection::new(own)?));
        Ok(self.connections.len() - 1)
    }

    pub fn connection(&mut self, number: usize) -> Result<&mut Connection, Error> {
        let connection = self.connections.get_mut(number).map(|(_, connection)| connection);
        connection.ok_or_else(|| Error::Other("no such connection".to_owned()))
    }

    /// Returns the connection with the subscriptions, and the worker's own state.
    pub fn parts(&mut self) -> Result<(&mut Connection, &mut Worker), Error> {
        let connection = self.connections.first_mut().map(|(_, connection)| connection);
        let connection = connection.ok_or_else(|| Error::Other("no such connection".to_owned()))?;
        Ok((connection, &mut self.worker))
    }
}
