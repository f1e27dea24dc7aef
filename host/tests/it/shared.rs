//! Tests of instances that messages share.

use crate::{
    lab::{ALL, ASYNC_CALLBACK, Lab, MIXED_CALLBACK, SYNC, lab},
    support::{NatsServer, PATIENCE, Process, compose, compose_in, host},
};
use futures::{StreamExt, future::join_all};
use msgcompose_host::{
    App, Broker, Error, Event, Instances, KeyValue, Message, Options, Outcome, Pool, Running, Runtime, Services,
    Subscriptions,
    broker::{self, Deliveries},
    keyvalue,
};
use std::{num::NonZeroUsize, path::Path, sync::Arc};
use tokio::{
    sync::mpsc,
    time::{Duration, timeout},
};

/// A lab and the messages that it sends.
struct World {
    services: Arc<Services>,
    app: App,
    counts: Deliveries,
    events: mpsc::UnboundedReceiver<Event>,
}

impl World {
    async fn new(kind: Lab) -> Self {
        Self::on(Broker::Memory(broker::Memory::new()), kind).await
    }

    async fn on(broker: Broker, kind: Lab) -> Self {
        Self::of(broker, &lab(kind)).await
    }

    async fn of(broker: Broker, component: &[u8]) -> Self {
        let (watcher, events) = mpsc::unbounded_channel();
        let services = Arc::new(Services::new(broker, KeyValue::Memory(keyvalue::Memory::new(["default"])), watcher));
        let runtime = Runtime::new(Options::default()).unwrap();
        let app = App::new(&runtime, &services, "lab", component, &[]).unwrap();
        let counts = services.broker.subscribe("counts", None).await.unwrap();
        Self { services, app, counts, events }
    }

    async fn share(&self, number: usize) -> Pool {
        self.app.share(NonZeroUsize::new(number).unwrap()).await.unwrap()
    }

    async fn start(&self, topics: &[&str], inboxes: &[&str], queue: Option<&str>, instances: Instances) -> Running {
        let owned = |topics: &[&str]| topics.iter().map(|topic| (*topic).to_owned()).collect();
        let (topics, inboxes, queue) = (owned(topics), owned(inboxes), queue.map(str::to_owned));
        self.app.start(&Subscriptions { topics, inboxes, queue, concurrency: 16, instances }).await.unwrap()
    }

    async fn publish(&self, topic: &str, data: &str) {
        self.services.broker.publish(topic, Message::new(data)).await.unwrap();
    }

    /// Returns the next numbers that were sent, in their order.
    async fn counts(&mut self, number: usize) -> Vec<u32> {
        let mut counts = Vec::new();
        while counts.len() < number {
            let message = timeout(PATIENCE, self.counts.recv()).await;
            let message = message.unwrap_or_else(|_| panic!("nothing after {counts:?}")).unwrap();
            counts.push(u32::from_le_bytes(message.data.try_into().unwrap()));
        }
        counts
    }

    /// Returns the next numbers that were sent, sorted.
    async fn sorted(&mut self, number: usize) -> Vec<u32> {
        let mut counts = self.counts(number).await;
        counts.sort_unstable();
        counts
    }

    async fn nothing_more_is_sent(&mut self) {
        let more = timeout(Duration::from_millis(100), self.counts.recv()).await;
        assert!(more.is_err(), "{more:?}");
    }
}

async fn give(pool: &Pool, data: &str) -> Outcome {
    timeout(PATIENCE, pool.handle(Message::new(data))).await.expect("the message is handled")
}

fn shared(number: usize) -> Instances {
    Instances::Shared(NonZeroUsize::new(number).unwrap())
}

fn is_trapped(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Trapped(trap) if trap.contains("unreachable"))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_dialect_runs_fresh_and_shared() {
    for kind in ALL {
        let mut world = World::new(kind).await;
        for _ in 0..3 {
            assert_eq!(world.app.handle(Message::new("c")).await, Outcome::Ok, "{kind:?}");
        }
        assert_eq!(world.counts(3).await, [1, 1, 1], "{kind:?}");
        let pool = world.share(1).await;
        for _ in 0..3 {
            assert_eq!(give(&pool, "c").await, Outcome::Ok, "{kind:?}");
        }
        assert_eq!(world.counts(3).await, [1, 2, 3], "{kind:?}");
        let failed = Outcome::Failed(Error::Other("no".into()));
        assert_eq!(world.app.handle(Message::new("e")).await, failed, "{kind:?}");
        assert_eq!(give(&pool, "e").await, failed, "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_async_handler_may_wait_by_the_clock() {
    for kind in ALL {
        let world = World::new(kind).await;
        let pool = world.share(1).await;
        let outcomes = [world.app.handle(Message::new("s")).await, give(&pool, "s").await];
        for outcome in outcomes {
            match outcome {
                Outcome::Trapped(trap) if kind == SYNC => assert!(trap.contains("cannot block"), "{trap}"),
                outcome => assert_eq!((outcome, kind == SYNC), (Outcome::Ok, false), "{kind:?}"),
            }
        }
    }
}

/// The first message waits until the second has been counted.
#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_waits_lets_another_message_in() {
    for kind in [MIXED_CALLBACK, ASYNC_CALLBACK] {
        let mut world = World::new(kind).await;
        let pool = world.share(1).await;
        let (waited, passed) = tokio::join!(give(&pool, "w"), give(&pool, "c"));
        assert_eq!((waited, passed), (Outcome::Ok, Outcome::Ok));
        assert_eq!(world.counts(2).await, [1, 2]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trap_ends_the_calls_of_its_instance_and_a_fresh_one_goes_on() {
    let mut world = World::new(MIXED_CALLBACK).await;
    let pool = world.share(1).await;
    let outcomes = join_all(["w", "w", "t"].map(|data| give(&pool, data))).await;
    assert!(outcomes.iter().all(is_trapped), "{outcomes:?}");
    assert_eq!(give(&pool, "c").await, Outcome::Ok);
    assert_eq!(world.counts(1).await, [1]);
    let mut handled = Vec::new();
    while let Ok(event) = world.events.try_recv() {
        if let Event::Handled { outcome, .. } = event {
            handled.push(is_trapped(&outcome));
        }
    }
    assert_eq!(handled, [true, true, true, false], "each is told");
}

/// A sync handler gets one message at a time, so the others have not reached the instance yet.
#[tokio::test(flavor = "multi_thread")]
async fn messages_that_wait_for_a_trapping_instance_go_to_the_next() {
    let mut world = World::new(SYNC).await;
    let pool = world.share(1).await;
    assert_eq!(give(&pool, "c").await, Outcome::Ok);
    let outcomes = join_all(["c", "t", "c", "c"].map(|data| give(&pool, data))).await;
    assert_eq!(outcomes.iter().map(is_trapped).collect::<Vec<_>>(), [false, true, false, false]);
    assert_eq!(world.counts(4).await, [1, 2, 1, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trap_between_messages_is_told() {
    let mut world = World::new(ASYNC_CALLBACK).await;
    let pool = world.share(1).await;
    assert_eq!((give(&pool, "c").await, give(&pool, "b").await), (Outcome::Ok, Outcome::Ok));
    loop {
        match timeout(PATIENCE, world.events.recv()).await.expect("it is told").unwrap() {
            Event::Trapped { app, trap } => {
                assert_eq!(app, "lab");
                assert!(trap.contains("unreachable"), "{trap}");
                break;
            }
            Event::Sent { .. } | Event::Handled { .. } => {}
            event => panic!("{event:?}"),
        }
    }
    assert_eq!(give(&pool, "c").await, Outcome::Ok);
    assert_eq!(world.counts(2).await, [1, 1]);
}

/// Whether the handler is sync, or lifted.
#[tokio::test(flavor = "multi_thread")]
async fn a_trap_after_one_call_has_returned_is_told_with_its_likely_cause() {
    for dialect in ["sync", "mixed"] {
        let folder = tempfile::tempdir().unwrap();
        let setup = std::fs::read(compose_in(dialect, "setup", &[], folder.path())).unwrap();
        let mut world = World::of(Broker::Memory(broker::Memory::new()), &setup).await;
        let pool = world.share(1).await;
        for (data, traps) in [("a", false), ("b", true), ("c", false)] {
            assert_eq!(is_trapped(&give(&pool, data).await), traps, "{dialect}, {data}");
        }
        let events = std::iter::from_fn(|| world.events.try_recv().ok());
        let told: Vec<_> = events.map(|event| matches!(event, Event::TrappedOnReuse { .. })).collect();
        assert_eq!(told, [false, true, false, false], "{dialect}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_go_evenly_to_instances_that_are_free() {
    let mut world = World::new(MIXED_CALLBACK).await;
    let pool = world.share(4).await;
    for _ in 0..20 {
        assert_eq!(give(&pool, "c").await, Outcome::Ok);
    }
    let each_counted_to_5: Vec<u32> = (1..=5).flat_map(|count| [count; 4]).collect();
    assert_eq!(world.sorted(20).await, each_counted_to_5);

    let pool = world.share(2).await;
    let waiting = give(&pool, "w");
    let dealt = async {
        for _ in 0..3 {
            assert_eq!(give(&pool, "c").await, Outcome::Ok);
        }
        assert_eq!(world.counts(3).await, [1, 2, 3], "all by the one that has nothing in hand");
    };
    let mut waiting = Box::pin(waiting);
    tokio::select! {
        // The one that waits is given out first.
        biased;
        outcome = &mut waiting => panic!("nothing has come to its instance: {outcome:?}"),
        () = dealt => {}
    }
}

/// Two apps share a queue. A message of the topic reaches one instance, and one of the inbox reaches all.
async fn all_get_what_is_in_the_inbox(broker: impl AsyncFn() -> Broker) {
    for (instances, number) in [(Instances::Fresh, 1), (shared(3), 3)] {
        let broker = broker().await;
        let mut world = World::on(broker.clone(), ASYNC_CALLBACK).await;
        let other = World::on(broker, ASYNC_CALLBACK).await;
        let _one = world.start(&["work.>"], &["inbox.*"], Some("queue"), instances).await;
        let _two = other.start(&["work.>"], &["inbox.*"], Some("queue"), instances).await;
        world.publish("inbox.a", "c").await;
        assert_eq!(world.counts(2 * number).await, vec![1; 2 * number], "{instances:?}");
        world.publish("work.a.b", "c").await;
        let next = if instances == Instances::Fresh { 1 } else { 2 };
        assert_eq!(world.counts(1).await, [next], "{instances:?}");
        world.publish("inbox.a.b", "c").await;
        world.nothing_more_is_sent().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inbox_reaches_all_instances_in_memory() {
    all_get_what_is_in_the_inbox(async || Broker::Memory(broker::Memory::new())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inbox_reaches_all_instances_over_nats() {
    let nats = NatsServer::start().await;
    all_get_what_is_in_the_inbox(async || Broker::Nats(broker::Nats::connect(&nats.url).await.unwrap())).await;
}

/// The handlers that wait for the inbox hold all permits of the topic.
#[tokio::test(flavor = "multi_thread")]
async fn an_inbox_has_permits_of_its_own() {
    let mut world = World::new(MIXED_CALLBACK).await;
    let running = world.start(&["work"], &["inbox"], None, shared(1)).await;
    for _ in 0..16 {
        world.publish("work", "w").await;
    }
    world.publish("inbox", "c").await;
    assert_eq!(world.counts(17).await, (1..=17).collect::<Vec<_>>());
    assert_eq!(running.stop(PATIENCE).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_waits_for_running_calls_up_to_the_grace_period() {
    let mut world = World::new(MIXED_CALLBACK).await;
    let running = world.start(&["work"], &[], None, shared(1)).await;
    world.publish("work", "w").await;
    while !running.is_busy() {
        tokio::task::yield_now().await;
    }
    let pool_is_there = running.pool().is_some();
    assert_eq!((pool_is_there, running.stop(Duration::from_millis(50)).await), (true, 1));

    let running = world.start(&["work"], &[], None, shared(2)).await;
    for _ in 0..10 {
        world.publish("work", "s").await;
    }
    world.counts(1).await;
    assert_eq!(running.stop(PATIENCE).await, 0);
    world.counts(9).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_without_concurrency_has_no_shared_instances() {
    let (watcher, _events) = mpsc::unbounded_channel();
    let (broker, store) = (broker::Memory::new(), keyvalue::Memory::new(["default"]));
    let services = Arc::new(Services::new(Broker::Memory(broker), KeyValue::Memory(store), watcher));
    let runtime = Runtime::new(Options { concurrency_support: false }).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let pricer = std::fs::read(compose("pricer", &[], folder.path())).unwrap();
    let app = App::new(&runtime, &services, "pricer", &pricer, &[]).unwrap();
    let Err(error) = app.share(NonZeroUsize::MIN).await else { panic!("there are instances") };
    assert_eq!(
        format!("{error:#}"),
        "`pricer` cannot have shared instances: the engine is set up without support for concurrency"
    );
}

fn write(kind: Lab, folder: &Path) -> String {
    let path = folder.join("lab.wasm");
    std::fs::write(&path, lab(kind)).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Two processes with two instances each, a queue for the topic, and an inbox.
#[tokio::test(flavor = "multi_thread")]
async fn processes_share_a_topic_and_not_an_inbox() {
    let nats = NatsServer::start().await;
    let folder = tempfile::tempdir().unwrap();
    let app = format!("{}=work,inbox.*", write(ASYNC_CALLBACK, folder.path()));
    let common = ["--broker", &nats.url, "--queue", "labs", "--instance", "shared:2", "--inbox", "inbox.*"];
    let processes: Vec<Process> = (0..2).map(|_| Process::start(host().arg(&app).args(common))).collect();
    let client = async_nats::connect(&nats.url).await.unwrap();
    let mut counts = client.subscribe("counts").await.unwrap();
    client.flush().await.unwrap();
    let mut next = async || {
        let message = timeout(PATIENCE, counts.next()).await.expect("a count comes").unwrap();
        u32::from_le_bytes(message.payload[..].try_into().unwrap())
    };
    client.publish("inbox.x", "c".into()).await.unwrap();
    for _ in 0..4 {
        assert_eq!(next().await, 1);
    }
    let mut sum = 0;
    for _ in 0..20 {
        client.publish("work", "c".into()).await.unwrap();
        next().await;
        sum += 1;
    }
    client.publish("inbox.x", "c".into()).await.unwrap();
    let mut total = 0;
    for _ in 0..4 {
        total += next().await;
    }
    assert_eq!(total, 4 + sum + 4, "each was counted once");
    for process in processes {
        assert_eq!(process.interrupt(), Some(0));
    }
}

#[test]
fn the_program_tells_a_trap_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let app = format!("{}=work", write(SYNC, folder.path()));
    let mut command = host();
    command.args([&app, "--instance", "shared", "--deliver", "work=t", "--deliver", "work=c", "--deliver", "work=e"]);
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.ends_with("sent 1, handled 1, answered 0, errors 1, traps 1\n"), "{said}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn options_about_instances_that_make_no_sense_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let app = write(SYNC, folder.path());
    let subscribed = format!("{app}=work");
    let number = "`shared:N` with N from 1 to 1000";
    for (arguments, status, reason) in [
        (vec![subscribed.as_str(), "--instance", "share"], 2, number),
        (vec![&subscribed, "--instance", "shared:0"], 2, number),
        (vec![&subscribed, "--instance", "shared:1001"], 2, number),
        (vec![&subscribed, "--instance", "fresh:2"], 2, number),
        (vec![&subscribed, "--inbox", "inbox"], 1, "`--inbox inbox` is no component's topic"),
        (vec![&app, "--instance", "shared"], 1, "no component gets any: give it a topic"),
    ] {
        let output = host().args(&arguments).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(reason), "{arguments:?}: {said}");
        assert_eq!(output.status.code(), Some(status), "{arguments:?}");
    }
}
