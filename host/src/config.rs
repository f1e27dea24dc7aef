//! Implements `wasi:config/store` with the values from the command line.

use crate::{bindings::config::wasi::config::store, state::State};
use wasmtime::Result;

impl store::Host for State {
    async fn get(&mut self, key: String) -> Result<Result<Option<String>, store::Error>> {
        Ok(Ok(self.services.config.get(&key).cloned()))
    }

    async fn get_all(&mut self) -> Result<Result<Vec<(String, String)>, store::Error>> {
        Ok(Ok(self.services.config.clone().into_iter().collect()))
    }
}
