//! The worker of one shared instance. It owns the store and runs the store's event loop in a task of its own.

use crate::{
    app::{App, Calls, ran},
    broker::Message,
    events::{Event, Outcome},
    http::Exchange,
    state::{State, text},
};
use futures::{StreamExt, future::Either, stream::FuturesUnordered};
use std::{collections::BTreeMap, mem, sync::Arc};
use tokio::sync::{mpsc, oneshot};
use wasmtime::{Store, component::Accessor};

/// An order to a worker.
pub enum Order {
    /// Begin a call of the instance.
    Begin(Task),
    /// Report how many replies the instance has dropped, by reason.
    Count(oneshot::Sender<Vec<(String, u64)>>),
}

/// A call of a shared instance, waiting or running.
pub enum Task {
    /// Handle a message.
    Message(Call),
    /// Answer a request.
    Request(Ask),
    /// Run `wasi:cli/run`, and send the outcome.
    Program(oneshot::Sender<Outcome>),
}

/// A message for the handler.
pub struct Call {
    /// The message.
    pub message: Message,
    /// The topic that it was received on.
    pub topic: String,
    /// Called once the message has been handled.
    pub done: Box<dyn FnOnce(Outcome) + Send>,
    /// Counts as load of its instance until it is dropped.
    pub load: Arc<()>,
}

/// A request for the HTTP handler.
pub struct Ask {
    /// The request, until it is given to the handler.
    pub exchange: Option<Box<Exchange>>,
    /// Gets the outcome, once the request has been answered.
    pub done: oneshot::Sender<Outcome>,
    /// Counts as load of its instance until it is dropped.
    pub load: Arc<()>,
}

/// The worker of one shared instance.
pub struct Worker {
    /// The component to instantiate.
    pub app: App,
    /// The orders that wait.
    pub calls: mpsc::UnboundedReceiver<Order>,
    /// The number of calls that the instance may handle at once.
    pub at_once: usize,
}

impl Task {
    /// Reports the outcome of the task.
    pub fn end(self, app: &App, outcome: Outcome) {
        let name = app.name().to_owned();
        match self {
            Task::Message(Call { topic, done, load, .. }) => {
                app.tell(Event::Handled { app: name, topic, outcome: outcome.clone() });
                // Lower the load first: `done` may look for the instance with the least load.
                drop(load);
                done(outcome);
            }
            Task::Request(Ask { done, load, .. }) => {
                drop(load);
                // The receiver may be gone.
                let _ = done.send(outcome);
            }
            Task::Program(done) => {
                app.tell(Event::Ran { app: name, outcome: outcome.clone() });
                // The receiver may be gone.
                let _ = done.send(outcome);
            }
        }
    }
}

impl Worker {
    /// Calls the instance. When it traps, a fresh one takes its place.
    pub async fn run(mut self, first: (Store<State>, Calls)) {
        let mut instance = Ok(first);
        loop {
            match instance {
                Ok((mut store, called)) => {
                    if self.serve(&mut store, called).await.is_ok() {
                        return;
                    }
                }
                Err(trap) => match self.calls.recv().await {
                    Some(Order::Begin(task)) => task.end(&self.app, Outcome::Trapped(text(&trap))),
                    Some(Order::Count(sender)) => drop(sender),
                    None => return,
                },
            }
            instance = self.app.instantiate().await;
        }
    }

    /// Calls one instance until there are no more orders, or until it traps.
    async fn serve(&mut self, store: &mut Store<State>, called: Calls) -> wasmtime::Result<()> {
        let Self { app, calls, at_once } = self;
        let mut in_hand: BTreeMap<u64, Task> = BTreeMap::new();
        let mut returned = 0_u64;
        let served = store.run_concurrent(async |accessor| {
            let (mut running, mut number, mut open) = (FuturesUnordered::new(), 0, true);
            while open || !running.is_empty() {
                tokio::select! {
                    biased;
                    Some((number, outcome)) = running.next() => {
                        let outcome = outcome?;
                        returned += 1;
                        if let Some(task) = in_hand.remove(&number) {
                            task.end(app, outcome);
                        }
                    }
                    call = calls.recv(), if open && running.len() < *at_once => match call {
                        Some(Order::Count(sender)) => {
                            let counts = match called.dropped {
                                Some(dropped) => dropped.call_concurrent(accessor, ()).await?.0,
                                None => Vec::new(),
                            };
                            // The receiver may be gone.
                            let _ = sender.send(counts);
                        }
                        Some(Order::Begin(task)) => {
                            number += 1;
                            let task = in_hand.entry(number).or_insert(task);
                            let outcome = begin(accessor, called, task)?;
                            running.push(async move { (number, outcome.await) });
                        }
                        None => open = false,
                    },
                }
            }
            Ok(())
        });
        let served = served.await.flatten();
        if let Err(trap) = &served {
            let trap = text(trap);
            let is_handled = |task: &Task| matches!(task, Task::Message(_) | Task::Request(_));
            if returned == 1 && in_hand.values().any(is_handled) {
                app.tell(Event::TrappedOnReuse { app: app.name().to_owned() });
            }
            if in_hand.is_empty() {
                app.tell(Event::Trapped { app: app.name().to_owned(), trap: trap.clone() });
            }
            for task in in_hand.into_values() {
                task.end(app, Outcome::Trapped(trap.clone()));
            }
        }
        served
    }
}

/// Begins a call. The returned future ends when the call returns.
fn begin<'a>(
    accessor: &'a Accessor<State>,
    called: Calls,
    task: &mut Task,
) -> wasmtime::Result<impl Future<Output = wasmtime::Result<Outcome>> + use<'a>> {
    match task {
        Task::Message(call) => {
            let Some(handle) = called.handle else { wasmtime::bail!("the component has no handler") };
            let message = mem::take(&mut call.message);
            let call = accessor.with(|mut access| {
                let message = access.get().table.push(message)?;
                handle.start_call_concurrent(access, (message,))
            })?;
            Ok(Either::Left(Either::Left(async move {
                handle.finish_call_concurrent(accessor, call).await.map(|(result,)| result.into())
            })))
        }
        Task::Request(ask) => {
            let (Some(serve), Some(exchange)) = (called.serve, ask.exchange.take()) else {
                wasmtime::bail!("the component is no server")
            };
            Ok(Either::Left(Either::Right(exchange.begin(accessor, serve)?)))
        }
        Task::Program(_) => {
            let Some(program) = called.program else { wasmtime::bail!("the component is no program") };
            Ok(Either::Right(async move { program.call_concurrent(accessor, ()).await.map(|(result,)| ran(result)) }))
        }
    }
}

#[cfg(test)]
#[path = "../../tests/it/lab/mod.rs"]
mod lab;

#[cfg(test)]
mod tests {
    use super::{Call, Order, Task, Worker, lab};
    use crate::{App, Broker, Event, KeyValue, Message, Options, Outcome, Runtime, Services, broker, keyvalue};
    use std::sync::Arc;
    use tokio::sync::mpsc;

    /// Returns what an instance holds after some messages: the pages of its memory, and the entries of the engine's
    /// table.
    async fn left_behind(kind: lab::Lab, messages: usize) -> (u32, usize) {
        let (watcher, mut events) = mpsc::unbounded_channel();
        let broker = Broker::Memory(broker::Memory::new());
        let services = Arc::new(Services::new(broker, KeyValue::Memory(keyvalue::Memory::new([""])), watcher));
        let runtime = Runtime::new(Options::default()).unwrap();
        let app = App::new(&runtime, &services, "lab", &lab::lab(kind), &[]).unwrap();
        let (mut store, handle) = app.instantiate().await.unwrap();
        let mut serve = async |messages: Vec<&'static str>| {
            let (sender, calls) = mpsc::unbounded_channel();
            for data in messages {
                let (load, topic) = (Arc::new(()), String::new());
                let done = Box::new(|outcome| assert_eq!(outcome, Outcome::Ok));
                let call = Call { message: Message::new(data), topic, done, load };
                sender.send(Order::Begin(Task::Message(call))).ok().unwrap();
            }
            drop(sender);
            Worker { app: app.clone(), calls, at_once: 64 }.serve(&mut store, handle).await.unwrap();
            assert!(store.data().table.is_empty(), "{kind:?}");
            store.concurrent_state_table_size()
        };
        let waits = if kind == lab::SYNC { "c" } else { "s" };
        let entries = serve((0..messages).map(|number| if number % 20 == 1 { waits } else { "c" }).collect()).await;
        serve(vec!["p"]).await;
        let mut pages = None;
        while let Ok(event) = events.try_recv() {
            if let Event::Sent { message, .. } = event {
                pages = Some(u32::from_le_bytes(message.data.try_into().unwrap()));
            }
        }
        (pages.unwrap(), entries)
    }

    #[tokio::test]
    async fn ten_thousand_messages_leave_nothing_behind() {
        for kind in lab::ALL {
            let few = left_behind(kind, 100).await;
            assert_eq!(left_behind(kind, 10_000).await, few, "{kind:?}");
        }
    }
}
