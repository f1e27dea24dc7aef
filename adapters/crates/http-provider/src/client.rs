//! Clients: each has a name, which decides where it sends.

use crate::bindings::exports::wasi::messaging::types::{Client as Handle, Error, GuestClient};
#[cfg(feature = "sender")]
use crate::settings::Settings;
use alloc::string::String;
use core::cell::Cell;

/// The guest's `client`.
pub struct Client {
    /// The name in the option `client.<name>.base-url`.
    #[cfg_attr(not(feature = "sender"), expect(dead_code, reason = "the receiver sends nothing"))]
    pub name: String,
    connected: Cell<bool>,
}

impl GuestClient for Client {
    fn connect(name: String) -> Result<Handle, Error> {
        #[cfg(feature = "sender")]
        base_url(&Settings::get()?, &name)?;
        Ok(Handle::new(Self { name, connected: Cell::new(true) }))
    }

    fn disconnect(&self) -> Result<(), Error> {
        self.connected.set(false);
        Ok(())
    }
}

#[cfg(feature = "sender")]
impl Client {
    /// Returns the URL that the client sends to. Fails once it is disconnected.
    pub fn base_url(&self, settings: &Settings) -> Result<&'static str, Error> {
        if !self.connected.get() {
            return Err(Error::Connection(["client `", &self.name, "` is disconnected"].concat()));
        }
        base_url(settings, &self.name)
    }
}

/// Returns the base URL of the client with this name, or else the common one. Fails if neither is set.
#[cfg(feature = "sender")]
fn base_url(settings: &Settings, name: &str) -> Result<&'static str, Error> {
    let mut own = settings.family("client.");
    let own = own.find_map(|(option, value)| (option.strip_suffix(".base-url") == Some(name)).then_some(value));
    let url = own.unwrap_or_else(|| settings.text("base-url"));
    if url.is_empty() {
        return Err(Error::Connection(["client `", name, "` has no base URL: set the option `base-url`"].concat()));
    }
    Ok(url)
}
