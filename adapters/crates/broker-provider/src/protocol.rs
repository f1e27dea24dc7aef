//! The protocol that a feature chooses, and its own options. A further broker is a further pair of functions here.

#[cfg(feature = "nats")]
pub use with_nats::{ADAPTER, DEFAULT_PORT, Protocol, new};

#[cfg(feature = "nats")]
mod with_nats {
    use crate::settings::Settings;
    use alloc::borrow::ToOwned;
    use broker::Error;
    use nats::{Nats, Options};

    /// The adapter's name.
    pub const ADAPTER: &str = "messaging-over-nats";

    pub use nats::DEFAULT_PORT;

    /// The protocol.
    pub type Protocol = Nats;

    /// Returns a session. Fails if the credentials are malformed.
    pub fn new(settings: Settings) -> Result<Protocol, Error> {
        let own = |option| Some(settings.text(option).to_owned());
        Nats::new(Options {
            name: settings.text("name").to_owned(),
            user: own("user"),
            password: own("password"),
            token: own("token"),
            nkey_seed: own("nkey-seed"),
            credentials: own("credentials"),
            inbox_prefix: settings.text("inbox-prefix").to_owned(),
            limits: settings.limits(),
        })
    }
}
