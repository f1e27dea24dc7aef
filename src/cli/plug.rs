use super::{batch::Batch, deliver::Delivery, graph, io::Stream, load, verbosity::Verbosity};
use crate::compose::record::{Composition, Paths};
use anyhow::Result;
use clap::Args;

/// Put adapters around a guest
///
/// Adapters are taken in order, each onto the result so far: what the first leaves open the next may serve. The
/// composed component is written to OUT, everything else to standard error.
#[derive(Debug, Args)]
#[command(after_help = concat!("\
Examples:
  # a guest that requests, for a host that has publish/subscribe and a key-value store
  msgcompose plug guest.wasm --adapter reqreply-over-pubsub --set reply-topic=my.replies -o app.wasm

  # whatever the guest needs to run on this host
  msgcompose plug guest.wasm --host wasmtime-serve --set base-url=http://broker:8080 -o app.wasm

  # all guests of a folder, each into a file of its name
  msgcompose plug guests/ --host wasmtime-serve -o composed/

  # options from a file, the component in a pipe
  msgcompose plug - --adapter reqreply-over-pubsub --config options.toml < guest.wasm > app.wasm

  # MSGCOMPOSE_REPLY_TOPIC, and any other option, from the environment that the component will run in
  msgcompose plug guest.wasm --adapter reqreply-over-pubsub --config-from env -o app.wasm

", super::exit_status!()))]
pub struct Plug {
    /// The guest: a component, or a core module with a component type, as binary or as text; `-` for standard input. Of
    /// a folder, a pattern or several guests each is composed into OUT, which is a folder then
    #[arg(value_name = "GUEST", required = true)]
    pub guests: Vec<String>,
    #[command(flatten)]
    pub composition: Composition<Paths>,
    /// Where the composed component goes; `-` for standard output
    #[arg(short, long, value_name = "OUT", default_value = "-")]
    pub output: String,
    /// Show who would feed whom, on standard output, and write nothing
    #[arg(long, conflicts_with_all = ["output", "json", "quiet"])]
    pub plan: bool,
    /// Say of each import that is open which parts were looked at for it, and why none of them serves it
    #[arg(long, conflicts_with = "quiet")]
    explain: bool,
    #[command(flatten)]
    pub verbosity: Verbosity,
    /// Report as JSON, on standard output unless the component goes there
    #[arg(long, conflicts_with_all = ["quiet", "verbose"])]
    pub json: bool,
}

impl Plug {
    /// Whether the user wants to know what was looked at for each import.
    pub fn explains(&self) -> bool {
        self.explain || self.verbosity.verbose
    }

    /// Composes and writes.
    pub fn run(self) -> Result<()> {
        if let Some(batch) = Batch::of(&self)? {
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
            plan: self.plan,
            explains: self.explains(),
            json: self.json,
            verbosity: self.verbosity,
        };
        delivery.deliver(&composed, || graph::tree(&composed.picture))
    }
}
