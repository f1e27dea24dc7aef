use super::{
    batch::{self, Batch},
    deliver::Delivery,
    error::Result,
    file::Readers,
    graph,
    io::Stream,
    load,
    verbosity::Verbosity,
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
  # a guest that requests, for a host that has publish/subscribe and a key-value store
  msgcompose plug guest.wasm --adapter reqreply-over-pubsub --set reply-topic=my.replies -o app.wasm

  # with the adapters that the guest needs on this host
  msgcompose plug guest.wasm --host wasmtime-serve --set base-url=http://broker:8080 -o app.wasm

  # all guests of a folder, each into a file of the same name
  msgcompose plug guests/ --host wasmtime-serve -o composed/

  # options from a file, the component in a pipe
  msgcompose plug - --adapter reqreply-over-pubsub --config options.toml < guest.wasm > app.wasm

  # options from environment variables at run time, for example MSGCOMPOSE_REPLY_TOPIC
  msgcompose plug guest.wasm --adapter reqreply-over-pubsub --config-from env -o app.wasm

", super::exit_status!()))]
pub struct Plug {
    /// The guest: a component, or a core module with a component type, as binary or text; `-` for standard input. A
    /// folder, a pattern or several guests are composed one by one, and OUT is then a folder
    #[arg(value_name = "GUEST", required = true)]
    pub guests: Vec<String>,
    #[command(flatten)]
    pub composition: Composition<Paths>,
    /// Where to write the composed component; `-` for standard output
    #[arg(short, long, value_name = "OUT", default_value = "-")]
    pub output: String,
    /// Show which component serves which, on standard output, and write nothing
    #[arg(long, conflicts_with_all = ["output", "json", "quiet"])]
    pub plan: bool,
    /// For each open import, show which parts were tried and why none of them serves it
    #[arg(long, conflicts_with = "quiet")]
    explain: bool,
    #[command(flatten)]
    pub verbosity: Verbosity,
    /// Print the report as JSON: on standard output, unless the component goes there
    #[arg(long, conflicts_with_all = ["quiet", "verbose"])]
    pub json: bool,
}

impl Plug {
    /// Returns whether the user wants open imports explained.
    pub fn explains(&self) -> bool {
        self.explain || self.verbosity.verbose
    }

    /// Composes the guest and writes the result.
    pub fn run(self) -> Result<()> {
        if let Some(guests) = batch::guests(&self.guests, &self.output)? {
            let batch = Batch {
                guests,
                composition: &self.composition,
                output: &self.output,
                plan: self.plan,
                explains: self.explains(),
                json: self.json,
                verbosity: self.verbosity,
            };
            return batch.run();
        }
        let (guest, output) = (Stream::from(&*self.guests[0]), Stream::from(&*self.output));
        if !self.plan {
            output.check_writable()?;
        }
        let bytes = self.verbosity.timed("read the guest", || guest.load())?;
        let composed = load::compose(&self.composition, &guest.name(), &bytes, self.verbosity)?;
        let delivery = Delivery {
            command: "plug",
            output: &output,
            readers: Readers::of(self.composition.bake_secrets),
            plan: self.plan,
            explains: self.explains(),
            json: self.json,
            verbosity: self.verbosity,
        };
        delivery.deliver(&composed, || graph::tree(&composed.picture))
    }
}
