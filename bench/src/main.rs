//! The program behind `cargo xtask bench`: it measures what needs an engine or a client of NATS.
//!
//! | arguments | what it does |
//! |---|---|
//! | `worker` | measures calls and instances, one for each line of standard input |
//! | `requester URL` | makes requests as the guest `rounds` does, natively |
//! | `ready URL` | waits until a requester answers |
//! | `drive URL LOOPS TIMES BYTES` | has a requester make requests, answers them, and prints how long they took |
//! | `responder URL` | answers requests as the guest `echo` does, natively |
//! | `flood URL AT-ONCE TIMES BYTES` | makes requests of a responder, and prints how long each took |
//! | `load ADDRESS CONNECTIONS BYTES MS` | posts bodies to an HTTP server, and prints how long each request took |

mod allocations;
mod bindings;
mod calls;
mod count;
mod drive;
mod flood;
mod host;
mod instance;
mod keyvalue;
mod load;
mod message;
mod messaging;
mod requester;
mod responder;
mod starting;
mod worker;

use anyhow::{Result, bail};
use std::env;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["worker"] => worker::run().await,
        ["requester", url] => requester::run(url).await,
        ["responder", url] => responder::run(url).await,
        ["flood", url, at_once, times, bytes] => {
            flood::run(url, at_once.parse()?, times.parse()?, bytes.parse()?).await
        }
        ["ready", url] => drive::ready(url).await,
        ["drive", url, loops, times, bytes] => drive::run(url, loops.parse()?, times.parse()?, bytes.parse()?).await,
        ["load", address, connections, bytes, milliseconds] => {
            load::run(address, connections.parse()?, bytes.parse()?, milliseconds.parse()?)
        }
        _ => bail!("the documentation of this program lists its arguments"),
    }
}
