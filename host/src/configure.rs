//! Guests that say themselves which topics they take: by `configure` beside their handler, as some interfaces of
//! December 2024 have it.

use crate::{
    app::App, bindings::exports::wasi::messaging::incoming_handler, broker::Error, subscriptions::Subscriptions,
};
use anyhow::{Context, Result, anyhow};
use wasmtime::component::{ComponentType, Lift, TypedFunc};

/// What `configure` returns.
#[derive(ComponentType, Lift)]
#[component(record)]
struct Configuration {
    topics: Vec<String>,
}

type Configure = TypedFunc<(), (Result<Configuration, incoming_handler::Error>,)>;

impl App {
    /// Adds the topics that the component names in `configure`, if it has that. Returns those that are new.
    pub async fn configure(&self, subscriptions: &mut Subscriptions) -> Result<Vec<String>> {
        let named = self.configured().await.with_context(|| format!("`configure` of `{}` failed", self.name()))?;
        let Subscriptions { topics, inboxes, .. } = subscriptions;
        let new: Vec<_> =
            named.into_iter().filter(|topic| !topics.contains(topic) && !inboxes.contains(topic)).collect();
        topics.extend(new.iter().cloned());
        Ok(new)
    }

    async fn configured(&self) -> Result<Vec<String>> {
        let Some(configure) = self.inner.configure else { return Ok(Vec::new()) };
        let mut store = self.store();
        let instance = self.inner.pre.instantiate_async(&mut store).await?;
        let configure: Configure = instance.get_typed_func(&mut store, configure)?;
        let (result,) = configure.call_async(&mut store, ()).await?;
        let configuration = result.map_err(|error| anyhow!("{}", Error::from(error)))?;
        Ok(configuration.topics)
    }
}
