//! Composed components in processes of their own, on a real NATS server.

use crate::support::{NatsServer, PATIENCE, Process, compose, compose_in, host};
use async_nats::{HeaderMap, jetstream};
use futures::{StreamExt, TryStreamExt};
use msgcompose_host::{KeyValue, keyvalue::JetStream};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

/// The number of concurrent requests.
const CONCURRENCY: usize = 16;

/// Returns the price that `pricer` replies.
fn price(symbol: &str) -> String {
    let cents = symbol.bytes().fold(0u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte))) % 100_000;
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// Requests quotes, and checks that each reply arrives exactly once and is right.
async fn ask_for_quotes(client: &async_nats::Client, number: usize) {
    let mut answers = client.subscribe("answers.>").await.unwrap();
    client.flush().await.unwrap();
    let (mut asked, mut waiting) = (0, BTreeMap::new());
    let mut seen = BTreeSet::new();
    while seen.len() < number {
        while asked < number && waiting.len() < CONCURRENCY {
            let symbol = format!("SYM{asked}");
            let mut headers = HeaderMap::new();
            headers.insert("reply-to", format!("answers.{asked}"));
            headers.insert("correlation-id", format!("mine-{asked}"));
            client.publish_with_headers("quotes", headers, symbol.clone().into()).await.unwrap();
            waiting.insert(format!("answers.{asked}"), (asked, symbol));
            asked += 1;
        }
        let answer = tokio::time::timeout(PATIENCE, answers.next());
        let answer = answer.await.unwrap_or_else(|_| panic!("{} of {number} came", seen.len())).unwrap();
        let (number, symbol) =
            waiting.remove(answer.subject.as_str()).unwrap_or_else(|| panic!("`{}` twice, or unasked", answer.subject));
        assert_eq!(answer.payload, format!("{symbol} at {}", price(&symbol)), "a crossed reply");
        let headers = answer.headers.unwrap();
        assert_eq!(headers.get("correlation-id").unwrap().as_str(), format!("mine-{number}"));
        assert!(seen.insert(symbol));
    }
}

async fn keys(client: &async_nats::Client) -> Vec<String> {
    let context = jetstream::new(client.clone());
    let store = context.get_key_value("default").await.unwrap();
    let mut keys: Vec<String> = store.keys().await.unwrap().try_collect().await.unwrap();
    keys.sort();
    keys
}

/// Two processes send requests and share their topics and the bucket, so most replies reach the wrong process first. A
/// third process replies.
#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_requests_between_processes_none_lost_none_crossed() {
    let nats = NatsServer::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = compose("quote-desk", &[("reply-topic", "quotes.replies")], folder.path());
    let pricer = compose("pricer", &[], folder.path());
    let common = ["--broker", &nats.url];
    let desks: Vec<Process> = (0..2)
        .map(|_| {
            let app = format!("{}=quotes,quotes.replies", desk.display());
            Process::start(host().arg(app).args(common).args(["--keyvalue", "nats", "--queue", "desks"]))
        })
        .collect();
    let pricer = Process::start(host().arg(format!("{}=prices", pricer.display())).args(common));

    let client = async_nats::connect(&nats.url).await.unwrap();
    let start = Instant::now();
    ask_for_quotes(&client, 10_000).await;
    println!("10,000 requests in {:?}", start.elapsed());

    // The stores of the last requests are still being cleaned up.
    let deadline = Instant::now() + PATIENCE;
    while !keys(&client).await.is_empty() && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(keys(&client).await, [""; 0], "the bucket is empty");
    for process in desks.into_iter().chain([pricer]) {
        assert_eq!(process.interrupt(), Some(0));
    }
}

/// The same without a store: the inbox brings each reply to the instance that sent the request. Two processes with
/// eight shared instances each send requests.
#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_requests_with_the_mailbox_in_memory_none_lost_none_crossed() {
    let nats = NatsServer::start().await;
    for dialect in ["mixed", "async"] {
        let folder = tempfile::tempdir().unwrap();
        let options = [("reply-topic", "quotes.replies"), ("mailbox", "memory")];
        let desk = compose_in(dialect, "quote-desk", &options, folder.path());
        let pricer = compose("pricer", &[], folder.path());
        let common = ["--broker", &nats.url];
        let desks: Vec<Process> = (0..2)
            .map(|_| {
                let app = format!("{}=quotes,quotes.replies.*", desk.display());
                let shared = ["--instance", "shared:8", "--inbox", "quotes.replies.*", "--queue", "desks"];
                Process::start(host().arg(app).args(common).args(shared))
            })
            .collect();
        let pricer = Process::start(host().arg(format!("{}=prices", pricer.display())).args(common));
        let client = async_nats::connect(&nats.url).await.unwrap();
        let start = Instant::now();
        ask_for_quotes(&client, 10_000).await;
        println!("{dialect}: 10,000 requests in {:?}", start.elapsed());
        for process in desks.into_iter().chain([pricer]) {
            assert_eq!(process.interrupt(), Some(0));
        }
    }
}

/// Without a queue, every process gets every reply, and drops those to requests of others.
#[tokio::test(flavor = "multi_thread")]
async fn processes_with_stores_of_their_own_drop_each_others_replies() {
    let nats = NatsServer::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = compose("quote-desk", &[("reply-topic", "quotes.replies")], folder.path());
    let pricer = compose("pricer", &[], folder.path());
    let common = ["--broker", &nats.url];
    let asking = Process::start(host().arg(format!("{}=quotes,quotes.replies", desk.display())).args(common));
    let listening = Process::start(host().arg(format!("{}=quotes.replies", desk.display())).args(common));
    let answering = Process::start(host().arg(format!("{}=prices", pricer.display())).args(common));
    let client = async_nats::connect(&nats.url).await.unwrap();
    ask_for_quotes(&client, 300).await;
    for process in [asking, listening, answering] {
        assert_eq!(process.interrupt(), Some(0));
    }
}

/// The client is not composed with any adapter. It shares only the header names of a preset with the responder.
#[tokio::test(flavor = "multi_thread")]
async fn a_plain_nats_client_is_answered_by_the_names_of_a_preset() {
    let nats = NatsServer::start().await;
    let folder = tempfile::tempdir().unwrap();
    let pricer = compose("pricer", &[("headers", "kafka"), ("reply-to-allow", "inbox.*")], folder.path());
    let process = Process::start(host().arg(format!("{}=prices", pricer.display())).args(["--broker", &nats.url]));
    let client = async_nats::connect(&nats.url).await.unwrap();
    let mut inbox = client.subscribe("inbox.>").await.unwrap();
    client.flush().await.unwrap();
    for topic in ["inbox.too.deep", "inbox.mine"] {
        let mut headers = HeaderMap::new();
        headers.insert("kafka_replyTopic", topic);
        headers.insert("kafka_correlationId", "7");
        client.publish_with_headers("prices", headers, "ACME".into()).await.unwrap();
    }
    let answer = tokio::time::timeout(PATIENCE, inbox.next()).await.unwrap().unwrap();
    assert_eq!((answer.subject.as_str(), &*answer.payload), ("inbox.mine", price("ACME").as_bytes()));
    assert_eq!(answer.headers.unwrap().get("kafka_correlationId").unwrap().as_str(), "7");
    assert_eq!(process.interrupt(), Some(0));
}

/// Two hosts that count in one bucket: each remembers what it saw last, and none counts wrong.
#[tokio::test]
async fn counters_are_right_and_known_ones_take_one_round_trip() {
    let server = NatsServer::start().await;
    let client = || async { async_nats::connect(&server.url).await.unwrap() };
    let (one, other) = (client().await, client().await);
    let buckets = ["counts".to_owned()];
    let open = |client: &async_nats::Client| {
        let store = JetStream::connect(client.clone(), &buckets);
        async { KeyValue::JetStream(store.await.unwrap()).open("counts").await.unwrap() }
    };
    let (here, there) = (open(&one).await, open(&other).await);
    let sent = |client: &async_nats::Client| client.statistics().out_messages.load(Ordering::Relaxed);

    let before = sent(&one);
    for (delta, sum) in [(1 << 20, 1 << 20), (1, (1 << 20) + 1), (0, (1 << 20) + 1)] {
        assert_eq!(here.increment("new", delta).await.unwrap(), sum);
    }
    assert_eq!(sent(&one) - before, 3, "one message for each increment");
    assert_eq!(there.get("new").await.unwrap().unwrap(), b"1048577");
    let before = sent(&other);
    assert_eq!(there.increment("new", 1).await.unwrap(), (1 << 20) + 2);
    assert_eq!(sent(&other) - before, 1, "it was just read");

    // What another host has changed or removed is read again.
    assert_eq!(here.increment("new", 1).await.unwrap(), (1 << 20) + 3);
    there.delete("new").await.unwrap();
    assert_eq!(here.increment("new", 5).await.unwrap(), 5);
    assert_eq!(there.increment("new", 1).await.unwrap(), 6);
    here.delete("new").await.unwrap();
    assert_eq!(here.increment("new", 2).await.unwrap(), 2);
    here.set("text", b"seven".to_vec()).await.unwrap();
    assert!(here.increment("text", 1).await.is_err());

    // All at once: each sum is seen once.
    let all = (0..100).flat_map(|_| [&here, &there]).map(|bucket| bucket.increment("many", 1));
    let sums: BTreeSet<i64> = futures::future::try_join_all(all).await.unwrap().into_iter().collect();
    assert_eq!(sums, (1..=200).collect());
}
