use super::{
    compose::Compose,
    deliver::Delivery,
    error::{self, Usage},
    graph,
    io::Stream,
    verbosity::Verbosity,
};
use crate::{
    compose::Composed,
    link::{self, MAX_REPLIES, MAX_REPLY_BYTES},
};
use anyhow::{Context, Result};
use clap::{Args, ValueEnum};

/// Link an application with the handlers that serve it
///
/// What the application sends or requests reaches the handlers inside one component, without a broker. A guest reaches
/// the handlers to its right: a handler may itself ask those given behind it. The most specific pattern has a request,
/// and all that match have a message that is sent.
#[derive(Debug, Args)]
#[command(after_help = concat!("\
Examples:
  # a component that asks nobody outside
  msgcompose link app.wasm --handler 'prices=prices.wasm' --handler 'audit.>,log=audit.wasm' -o linked.wasm

  # what no handler takes goes to the host's messaging, and what that delivers to the application
  msgcompose link app.wasm --handler 'prices=prices.wasm' --unrouted host -o linked.wasm

  # the same, where the host has HTTP only
  msgcompose link app.wasm --handler 'prices=prices.wasm' --unrouted host \\
    --adapter messaging-over-http --set base-url=http://broker:8080 -o linked.wasm

", super::exit_status!()))]
pub struct Link {
    /// The application: its exports are those of the whole; `-` for standard input
    #[arg(value_name = "APP")]
    app: String,
    /// A handler, and the topics that it takes: tokens between dots, `*` for one token, a last `>` for the rest
    #[arg(long = "handler", value_name = "PATTERN[,PATTERN]=HANDLER", value_parser = handler, required = true)]
    handlers: Vec<Handler>,
    /// What becomes of a topic that no handler takes
    #[arg(long, value_enum, value_name = "WHAT", default_value_t)]
    unrouted: Unrouted,
    /// The most replies that a request may gather
    #[arg(long, value_name = "NUMBER", default_value_t = MAX_REPLIES)]
    max_replies: u32,
    /// The most bytes of all replies to one request
    #[arg(long, value_name = "BYTES", default_value_t = MAX_REPLY_BYTES)]
    max_reply_bytes: u32,
    #[command(flatten)]
    compose: Compose,
    /// Where the linked component goes; `-` for standard output
    #[arg(short, long, value_name = "OUT", default_value = "-")]
    output: String,
    /// Show who would feed whom, on standard output, and write nothing
    #[arg(long, conflicts_with_all = ["output", "json", "quiet"])]
    plan: bool,
    /// Say of each import that is open who has it
    #[arg(long, conflicts_with = "quiet")]
    explain: bool,
    #[command(flatten)]
    verbosity: Verbosity,
    /// Report as JSON, on standard output unless the component goes there
    #[arg(long, conflicts_with_all = ["quiet", "verbose"])]
    pub json: bool,
}

/// A handler as it is given.
#[derive(Debug, Clone)]
struct Handler {
    patterns: Vec<String>,
    file: String,
}

/// What becomes of a topic that no handler takes.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub enum Unrouted {
    /// It is an error of who sends or requests
    #[default]
    Error,
    /// What is sent is dropped, and a request times out
    Drop,
    /// The host's messaging has it, and may deliver to the application
    Host,
}

impl From<Unrouted> for link::Unrouted {
    fn from(unrouted: Unrouted) -> Self {
        match unrouted {
            Unrouted::Error => Self::Error,
            Unrouted::Drop => Self::Drop,
            Unrouted::Host => Self::Host,
        }
    }
}

fn handler(argument: &str) -> Result<Handler, String> {
    let (patterns, file) = argument.split_once('=').ok_or("a handler is given by PATTERN=HANDLER")?;
    if file.is_empty() {
        return Err("there is no file behind `=`".to_owned());
    }
    let patterns = patterns.split(',').map(|pattern| pattern.trim().to_owned()).collect();
    Ok(Handler { patterns, file: file.to_owned() })
}

impl Link {
    /// Whether the user wants to know what was looked at for each import.
    pub fn explains(&self) -> bool {
        self.explain || self.verbosity.verbose
    }

    /// Links and writes.
    pub fn run(self) -> Result<()> {
        let output = Stream::from(&*self.output);
        if !self.plan {
            output.check_writable()?;
        }
        let app = Stream::from(&*self.app);
        let name = app.name();
        let failed = || format!("failed to link `{name}`");
        let linked = self.link(&app, &name)?;
        let linked = self.verbosity.timed("link", || error::caught(|| linked.compose().with_context(failed)))?;
        let mut bytes = Vec::new();
        let (composed, plan) = around(&self.compose, &name, linked, &mut bytes, self.verbosity)?;
        let delivery = Delivery {
            command: "link",
            output: &output,
            plan: self.plan,
            explains: self.explains(),
            json: self.json,
            verbosity: self.verbosity,
        };
        delivery.deliver(&composed, || plan)
    }

    /// What is to be linked.
    fn link(&self, app: &Stream, name: &str) -> Result<crate::link::Link<'static>> {
        let mut link = crate::link::Link::of(name, app.read()?)
            .unrouted(self.unrouted.into())
            .max_replies(self.max_replies, self.max_reply_bytes)
            .validation(self.compose.validate.into())
            .debug(self.compose.debug)
            .strip(self.compose.strip.map(Into::into).unwrap_or_default());
        for Handler { patterns, file } in &self.handlers {
            let file = Stream::from(&**file);
            if matches!((app, &file), (Stream::Standard, Stream::Standard)) {
                return Err(standard_input_twice());
            }
            link = link.handler(patterns.iter().map(String::as_str), file.name(), file.read()?);
        }
        Ok(link)
    }
}

/// Puts around what was linked of `name` what `compose` says; gives the trees, too. `bytes` is room for what was linked.
pub fn around<'a>(
    compose: &Compose,
    name: &str,
    linked: Composed<'a>,
    bytes: &'a mut Vec<u8>,
    verbosity: Verbosity,
) -> Result<(Composed<'a>, String)> {
    let tree = graph::tree(&linked.picture);
    if compose.puts_nothing_around() {
        compose.check_alone(&linked.report).with_context(|| format!("failed to link `{name}`"))?;
        return Ok((linked, tree));
    }
    *bytes = linked.component.to_bytes();
    let mut composed = compose.compose(&format!("{name} (linked)"), bytes, verbosity)?;
    composed.report.around(linked.report);
    let tree = format!("{tree}\n{}", graph::tree(&composed.picture));
    Ok((composed, tree))
}

fn standard_input_twice() -> anyhow::Error {
    let message = "standard input is given for two guests".to_owned();
    Usage { message, hint: "pass one of them as a file".to_owned() }.into()
}
