use super::{
    deliver::tell,
    error::{Context, Result},
    file::Readers,
    io::Stream,
    overwriting::Inputs,
    style::{HEADING, line},
    verbosity::Verbosity,
};
use crate::{
    types::dialect::Dialect,
    uplift::{LiftedFunction, Side, uplift_within},
};
use clap::{
    Args, ValueEnum,
    builder::{PossibleValuesParser, TypedValueParser},
};
use serde::Serialize;
use std::fmt;

/// Make a sync guest async, for a host that calls one instance concurrently
///
/// The functions that wait become async in the guest's types. Its code stays the same, byte for byte. The lifted guest
/// is written to OUT, everything else to standard error.
#[derive(Debug, Args)]
#[command(after_help = concat!("\
Examples:
  # for a host with a sync producer: only request and handle become async
  msgcompose uplift guest.wasm --dialect mixed -o lifted.wasm

  # for a host like omnia: every function that may wait becomes async; in a pipe
  msgcompose uplift - --dialect async < guest.wasm > lifted.wasm

  # show the dialect of a guest
  msgcompose inspect lifted.wasm

", super::exit_status!()))]
pub struct Uplift {
    /// The guest: a component, or a core module with a component type, as binary or text; `-` for standard input
    #[arg(value_name = "GUEST")]
    guest: String,
    /// The dialect of messaging that the host has
    #[arg(long, value_parser = async_dialects())]
    dialect: Dialect,
    /// Where to write the lifted guest; `-` for standard output
    #[arg(short, long, value_name = "OUT", default_value = "-")]
    output: String,
    #[command(flatten)]
    verbosity: Verbosity,
    /// Print the report as JSON: on standard output, unless the guest goes there
    #[arg(long, conflicts_with_all = ["quiet", "verbose"])]
    pub json: bool,
}

/// Returns a parser of dialects with async functions.
fn async_dialects() -> impl TypedValueParser<Value = Dialect> {
    let known = Dialect::value_variants().iter().filter(|dialect| **dialect != Dialect::Sync);
    let names = PossibleValuesParser::new(known.filter_map(ValueEnum::to_possible_value));
    names.try_map(|name| <Dialect as ValueEnum>::from_str(&name, false))
}

impl Uplift {
    /// Lifts the guest and writes it.
    pub fn run(self) -> Result<()> {
        let (guest, output) = (Stream::from(&*self.guest), Stream::from(&*self.output));
        output.check_writable(&guest.name_of_output("wasm"))?;
        let mut inputs = Inputs::default();
        inputs.add_stream("guest", &guest);
        inputs.spare_stream(&output)?;
        let (name, dialect) = (guest.name(), self.dialect);
        let mut bytes = self.verbosity.timed("read the guest", || guest.load())?;
        let lifted = self.verbosity.timed("lift", || {
            uplift_within(&name, &mut bytes, dialect).with_context(|| format!("failed to lift `{name}`"))
        })?;
        self.verbosity.timed("write the guest", || output.write_bytes(&lifted.bytes, Readers::Usual))?;
        if self.verbosity.quiet {
            return Ok(());
        }
        let report = Report { guest: name, dialect, functions: lifted.functions };
        tell("uplift", &report, &report.to_string(), &output, self.json)
    }
}

/// The JSON report.
#[derive(Debug, Serialize)]
struct Report {
    guest: String,
    dialect: Dialect,
    functions: Vec<LiftedFunction>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { guest, dialect, functions } = self;
        let lifted: Vec<_> = functions.iter().filter(|function| function.types > 0).collect();
        if lifted.is_empty() {
            line!(f, "{HEADING}`{guest}` is of the dialect `{dialect}` already, and stays as it is{HEADING:#}")?;
        } else {
            line!(f, "{HEADING}lifted `{guest}` to the dialect `{dialect}`{HEADING:#}")?;
        }
        for function in lifted {
            line!(f, "  {function}")?;
        }
        line!(f, "{HEADING}the host must{HEADING:#}")?;
        line!(f, "  support async of the component model")?;
        let handlers = functions.iter().filter(|function| function.side == Side::Export);
        for LiftedFunction { interface, function, .. } in handlers {
            line!(f, "  call `{interface}#{function}` as async")?;
        }
        let imports = functions.iter().filter(|function| function.side == Side::Import);
        for LiftedFunction { interface, function, .. } in imports {
            line!(f, "  offer `{interface}#{function}` as an async function")?;
        }
        Ok(())
    }
}
