//! Runs a lifted guest on an engine whose host calls it as async.

use crate::support::fixture;
use msgcompose::{types::Dialect, uplift::uplift};
use std::{sync::Arc, time::Duration};
use tokio::sync::Notify;
use wasmtime::{
    AsContextMut, Config, Engine, Result, Store,
    component::{
        Component, ComponentType, Lift, Linker, LinkerInstance, Lower, Resource, ResourceTable, ResourceType, TypedFunc,
    },
};

const TYPES: &str = "wasi:messaging/types@0.2.0-draft";
const REQUEST_REPLY: &str = "wasi:messaging/request-reply@0.2.0-draft";
const HANDLER: &str = "wasi:messaging/incoming-handler@0.2.0-draft";

#[derive(Debug, Clone, ComponentType, Lift, Lower)]
#[component(variant)]
enum Error {
    #[component(name = "timeout")]
    Timeout,
    #[component(name = "connection")]
    Connection(String),
    #[component(name = "permission-denied")]
    PermissionDenied(String),
    #[component(name = "other")]
    Other(String),
}

struct Client;
struct Options;
struct Message(Vec<u8>);

/// The host's state for its guest.
#[derive(Default)]
struct Host {
    table: ResourceTable,
    /// Requests and replies, in order.
    seen: Vec<String>,
    /// Lets a request get its reply.
    answers: Arc<Notify>,
}

impl Host {
    fn message(&mut self, text: &str) -> Resource<Message> {
        self.table.push(Message(text.as_bytes().to_vec())).unwrap()
    }

    fn text(&self, message: &Resource<Message>) -> String {
        String::from_utf8(self.table.get(message).unwrap().0.clone()).unwrap()
    }

    fn replied(&mut self, message: Resource<Message>) {
        let text = self.text(&message);
        self.seen.push(format!("replied {text}"));
    }
}

type Connected = (Result<Resource<Client>, Error>,);
type Done = (Result<(), Error>,);

fn types(linker: &mut LinkerInstance<'_, Host>, form: Dialect) -> Result<()> {
    linker.resource("client", ResourceType::host::<Client>(), |mut store, id| {
        store.data_mut().table.delete(Resource::<Client>::new_own(id))?;
        Ok(())
    })?;
    linker.resource("message", ResourceType::host::<Message>(), |mut store, id| {
        store.data_mut().table.delete(Resource::<Message>::new_own(id))?;
        Ok(())
    })?;
    linker.func_wrap("[constructor]message", |mut store, (data,): (Vec<u8>,)| {
        Ok((store.data_mut().table.push(Message(data))?,))
    })?;
    linker.func_wrap("[method]message.data", |mut store, (message,): (Resource<Message>,)| {
        Ok((store.data_mut().table.get(&message)?.0.clone(),))
    })?;
    linker.func_wrap("[method]message.set-content-type", |_, (_, _): (Resource<Message>, String)| Ok(()))?;
    let connect = |host: &mut Host, (_,): (String,)| -> Connected { (Ok(host.table.push(Client).unwrap()),) };
    if form == Dialect::Async {
        linker.func_wrap_concurrent("[static]client.connect", move |accessor, name| {
            Box::pin(async move { Ok(accessor.with(|mut access| connect(access.data_mut(), name))) })
        })
    } else {
        linker.func_wrap("[static]client.connect", move |mut store, name| Ok(connect(store.data_mut(), name)))
    }
}

type Asked = (Resource<Client>, String, Resource<Message>, Option<Resource<Options>>);
type Answered = (Result<Vec<Resource<Message>>, Error>,);

fn request_reply(linker: &mut LinkerInstance<'_, Host>, form: Dialect) -> Result<()> {
    linker.resource("request-options", ResourceType::host::<Options>(), |_, _| Ok(()))?;
    linker
        .func_wrap("[constructor]request-options", |mut store, (): ()| Ok((store.data_mut().table.push(Options)?,)))?;
    linker.func_wrap("[method]request-options.set-timeout-ms", |_, (_, _): (Resource<Options>, u32)| Ok(()))?;
    linker.func_wrap_concurrent("request", |accessor, (_, topic, message, _): Asked| {
        Box::pin(async move {
            let answers = accessor.with(|mut access| {
                let host = access.data_mut();
                let text = host.text(&message);
                host.seen.push(format!("asked {topic} {text}"));
                host.answers.clone()
            });
            answers.notified().await;
            let answer: Answered = (Ok(vec![accessor.with(|mut access| access.data_mut().message("42"))]),);
            Ok(answer)
        })
    })?;
    let reply = |host: &mut Host, (_, message): (Resource<Message>, Resource<Message>)| -> Done {
        host.replied(message);
        (Ok(()),)
    };
    if form == Dialect::Async {
        linker.func_wrap_concurrent("reply", move |accessor, said| {
            Box::pin(async move { Ok(accessor.with(|mut access| reply(access.data_mut(), said))) })
        })
    } else {
        linker.func_wrap("reply", move |mut store, said| Ok(reply(store.data_mut(), said)))
    }
}

/// Returns the guest's handler, on a host with the functions of a dialect.
async fn handler(guest: &[u8], form: Dialect) -> Result<(Store<Host>, TypedFunc<(Resource<Message>,), Done>)> {
    let engine = Engine::new(&Config::new())?;
    let mut linker = Linker::new(&engine);
    types(&mut linker.instance(TYPES)?, form)?;
    request_reply(&mut linker.instance(REQUEST_REPLY)?, form)?;
    let mut store = Store::new(&engine, Host::default());
    let instance = linker.instantiate_async(&mut store, &Component::new(&engine, guest)?).await?;
    let interface = instance.get_export_index(&mut store, None, HANDLER).unwrap();
    let function = instance.get_export_index(&mut store, Some(&interface), "handle").unwrap();
    let handle = instance.get_typed_func(&mut store, function)?;
    Ok((store, handle))
}

/// While a guest waits for its reply, the host continues, and the guest gets the next message afterwards.
async fn waits_for_its_answers(form: Dialect) {
    let lifted = uplift("quote-desk", fixture("quote-desk"), form).unwrap();
    let (mut store, handle) = handler(&lifted.bytes, form).await.unwrap();
    let run = store.as_context_mut().run_concurrent(async |accessor| -> Result<()> {
        let [one, other] = accessor.with(|mut access| ["ACME", "EMCA"].map(|symbol| access.data_mut().message(symbol)));
        let answers = accessor.with(|mut access| access.data_mut().answers.clone());
        let seen = || accessor.with(|mut access| access.data_mut().seen.clone());
        let calls = async {
            let (one, other) =
                futures::join!(handle.call_concurrent(accessor, (one,)), handle.call_concurrent(accessor, (other,)));
            one?.0.unwrap();
            other?.0.unwrap();
            Result::<()>::Ok(())
        };
        let host = async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            assert_eq!(seen(), ["asked prices ACME"], "the guest waits, and only for the first");
            answers.notify_one();
            tokio::time::sleep(Duration::from_millis(50)).await;
            assert_eq!(seen()[1..], ["replied ACME at 42", "asked prices EMCA"]);
            answers.notify_one();
        };
        let (called, ()) = futures::join!(calls, host);
        called?;
        assert_eq!(seen().last().unwrap(), "replied EMCA at 42");
        Ok(())
    });
    tokio::time::timeout(Duration::from_secs(60), run).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn a_guest_waits_for_its_answers_in_mixed() {
    waits_for_its_answers(Dialect::Mixed).await;
}

#[tokio::test]
async fn a_guest_waits_for_its_answers_in_async() {
    waits_for_its_answers(Dialect::Async).await;
}

#[tokio::test]
async fn a_host_runs_only_its_own_dialect() {
    let guest = fixture("quote-desk");
    let lifted = |form| uplift("quote-desk", &guest, form).unwrap().bytes.into_owned();
    for (guest, form) in [
        (guest.clone(), Dialect::Mixed),
        (guest.clone(), Dialect::Async),
        (lifted(Dialect::Mixed), Dialect::Async),
        (lifted(Dialect::Async), Dialect::Mixed),
    ] {
        let error = handler(&guest, form).await.err().unwrap();
        assert!(format!("{error:?}").contains("async"), "{error:?}");
    }
}
