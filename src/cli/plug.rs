use super::{
    batch::{self, Batch},
    deliver::Delivery,
    error::Result,
    file::Readers,
    io::Stream,
    load,
    overwriting::Inputs,
};
use crate::compose::record::{Composition, Paths};
use clap::Args;

/// Put adapters around a guest
///
/// Adapters are added in order, each around the result so far: a later one can serve what an earlier one leaves open.
/// The composed component is written to OUT, everything else to standard error.
#[derive(Debug, Args)]
#[command(after_help = concat!("\
Examples:
  # a guest that requests, on a host with publish/subscribe and key-value
  msgcompose plug guest.wasm --adapter reqreply-over-pubsub \\
    --set reply-topic=my.replies -o app.wasm

  # with the adapters that the guest needs on this host
  msgcompose plug guest.wasm --host wasmtime-serve \\
    --set base-url=http://broker:8080 -o app.wasm

  # all guests of a folder, each into a file of the same name
  msgcompose plug guests/ --host wasmtime-serve \\
    --set base-url=http://broker:8080 -o composed/

  # options from a file, the component in a pipe
  msgcompose plug - --adapter reqreply-over-pubsub --config options.toml \\
    < guest.wasm > app.wasm

  # options from the environment at run time, for example MSGCOMPOSE_REPLY_TOPIC
  msgcompose plug guest.wasm --adapter reqreply-over-pubsub \\
    --config-from env -o app.wasm

", super::exit_status!()))]
pub struct Plug {
    /// The guest: a component, or a core module with a component type, as binary or text; `-` for standard input. A
    /// folder, a pattern or several guests are composed one by one, and OUT is then a folder
    #[arg(value_name = "GUEST", required = true)]
    pub guests: Vec<String>,
    #[command(flatten)]
    pub composition: Composition<Paths>,
    #[command(flatten)]
    pub delivery: Delivery,
}

impl Plug {
    /// Composes the guest and writes the result.
    pub fn run(self) -> Result<()> {
        let Self { guests, composition, delivery } = &self;
        if let Some(guests) = batch::guests(guests, &delivery.output)? {
            return Batch { guests, composition, delivery }.run();
        }
        let guest = Stream::from(&*guests[0]);
        let output = delivery.stream(&guest, &Inputs::of(&guest, composition))?;
        let bytes = delivery.verbosity.timed("read the guest", || guest.load())?;
        let composed = load::compose(composition, &guest.name(), &bytes, delivery.verbosity)?;
        delivery.deliver("plug", &output, Readers::of(composition.bake_secrets), &composed)
    }
}
