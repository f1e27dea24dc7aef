use super::{
    deliver::Delivery,
    error::{Result, usage},
    file::Readers,
    io::Stream,
    load,
    overwriting::Inputs,
};
use crate::{
    compose::record::{Composition, Handler, Paths},
    link::{Deliver, MAX_REPLIES, MAX_REPLY_BYTES, Unrouted},
};
use clap::Args;

/// Link an application with the handlers that serve it
///
/// Messages and requests of the application reach the handlers inside one component, without a broker. A guest can only
/// reach the handlers to its right on the command line. A request goes to the most specific matching handler; a sent
/// message goes to all that match.
#[derive(Debug, Args)]
#[command(after_help = concat!("\
Examples:
  # handlers for all topics, so that no broker is needed
  msgcompose link app.wasm --handler 'prices=prices.wasm' \\
    --handler 'audit.>,log=audit.wasm' -o linked.wasm

  # for a host with HTTP: each POST is a message to the application
  msgcompose link app.wasm --handler 'prices=prices.wasm' \\
    --adapter messaging-over-http -o linked.wasm

  # topics without a handler go to the host
  msgcompose link app.wasm --handler 'prices=prices.wasm' --unrouted host \\
    -o linked.wasm

  # the same over HTTP
  msgcompose link app.wasm --handler 'prices=prices.wasm' --unrouted host \\
    --adapter messaging-over-http --set base-url=http://broker:8080 \\
    -o linked.wasm

", super::exit_status!()))]
#[command(mut_arg("output", |arg| arg.help("Where to write the linked component; `-` for standard output")))]
#[command(mut_arg("explain", |arg| arg.help("For each open import, show which components have it")))]
pub struct Link {
    /// The application: its exports become those of the linked component; `-` for standard input
    #[arg(value_name = "APP")]
    app: String,
    /// A handler and the patterns of its topics: tokens between dots; `*` matches one token, a final `>` the rest
    #[arg(long = "handler", value_name = "PATTERN[,PATTERN]=HANDLER", value_parser = handler, required = true)]
    handlers: Vec<Handler<Paths>>,
    /// What to do with a topic that no handler takes
    #[arg(long, value_enum, value_name = "WHAT", default_value_t)]
    unrouted: Unrouted,
    /// Who gets the messages that the host delivers; by default the application, if it exports `incoming-handler`
    #[arg(long, value_enum, value_name = "WHOM")]
    deliver: Option<Deliver>,
    /// The most replies that one request may gather
    #[arg(long, value_name = "NUMBER", default_value_t = MAX_REPLIES)]
    max_replies: u32,
    /// The most bytes that all replies to one request may have
    #[arg(long, value_name = "BYTES", default_value_t = MAX_REPLY_BYTES)]
    max_reply_bytes: u32,
    #[command(flatten)]
    composition: Composition<Paths>,
    #[command(flatten)]
    pub delivery: Delivery,
}

fn handler(argument: &str) -> Result<Handler<Paths>, String> {
    let (patterns, file) = argument.split_once('=').ok_or("a handler is given by PATTERN=HANDLER")?;
    if file.is_empty() {
        return Err("there is no file behind `=`".to_owned());
    }
    let topics = patterns.split(',').map(|pattern| pattern.trim().to_owned()).collect();
    Ok(Handler { topics, file: file.to_owned() })
}

impl Link {
    /// Links the guests and writes the result.
    pub fn run(self) -> Result<()> {
        let (delivery, app) = (self.delivery, Stream::from(&*self.app));
        let standard = self.handlers.iter().filter(|handler| handler.file == "-").count();
        if standard + usize::from(matches!(app, Stream::Standard)) > 1 {
            return Err(usage("standard input is given for two guests", "pass one of them as a file"));
        }
        let paths = Composition {
            handlers: self.handlers,
            unrouted: Some(self.unrouted),
            deliver: self.deliver,
            max_replies: Some(self.max_replies),
            max_reply_bytes: Some(self.max_reply_bytes),
            ..self.composition
        };
        let output = delivery.stream(&app, &Inputs::of(&app, &paths))?;
        let (name, bytes) = (app.name(), app.load()?);
        let readers = Readers::of(paths.bake_secrets);
        let composed = load::compose(&paths, &name, &bytes, delivery.verbosity)?;
        delivery.deliver("link", &output, readers, &composed)
    }
}
