//! Serves components that export `wasi:http/handler@0.3`: fresh and shared instances, bodies that are streams, and
//! requests of theirs. `fixtures/guests/rust/web` says what its paths do.

use crate::{
    server::{ask, get},
    support::{PATIENCE, Process, compose_in, host, root},
};
use futures::future::join_all;
use msgcompose_host::{
    App, Broker, Event, Instances, KeyValue, Options, Runtime, Services, Serving, Subscriptions, broker, keyvalue,
    outgoing::{Connect, Stream},
};
use std::{io, net::SocketAddr, num::NonZeroUsize, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::mpsc,
    time::timeout,
};

/// A component that is being served.
struct Served {
    serving: Serving,
    events: mpsc::UnboundedReceiver<Event>,
}

/// How many shared instances; 0 for fresh ones.
const FRESH: usize = 0;

impl Served {
    async fn start(guest: &str, instances: usize) -> Self {
        Self::with(guest, instances, |services| services).await
    }

    async fn with(guest: &str, instances: usize, set: impl FnOnce(Services) -> Services) -> Self {
        let (app, events) = load(&prebuilt(guest), set);
        let address = "127.0.0.1:0".parse().unwrap();
        let serving = match NonZeroUsize::new(instances) {
            None => app.serve_http(address, 32).await.unwrap(),
            Some(instances) => {
                let pool = Arc::new(app.share(instances).await.unwrap());
                pool.serve_http(address, 32).await.unwrap()
            }
        };
        Self { serving, events }
    }

    async fn get(&self, path: &str) -> (u16, String) {
        get(self.serving.address, path).await
    }

    /// Returns the next event as text.
    async fn event(&mut self) -> String {
        timeout(PATIENCE, self.events.recv()).await.expect("nothing was told").unwrap().to_string()
    }
}

fn prebuilt(guest: &str) -> Vec<u8> {
    std::fs::read(root().join(format!("fixtures/prebuilt/{guest}.wasm"))).unwrap()
}

fn load(bytes: &[u8], set: impl FnOnce(Services) -> Services) -> (App, mpsc::UnboundedReceiver<Event>) {
    let (watcher, events) = mpsc::unbounded_channel();
    let store = KeyValue::Memory(keyvalue::Memory::new(["default"]));
    let services = set(Services::new(Broker::Memory(broker::Memory::new()), store, watcher));
    let runtime = Runtime::new(Options::default()).unwrap();
    (App::new(&runtime, &Arc::new(services), "app", bytes, &[]).unwrap(), events)
}

/// Sends a request, whose line is `head`, and returns all bytes of the response.
async fn exchange(address: SocketAddr, head: &str, body: &[u8]) -> Vec<u8> {
    let exchange = async {
        let (mut reader, mut writer) = TcpStream::connect(address).await.unwrap().into_split();
        let head = format!("{head}\r\nhost: {address}\r\nconnection: close\r\n");
        let head = format!("{head}content-type: a/b\r\ncontent-length: {}\r\n\r\n", body.len());
        let write = async {
            writer.write_all(head.as_bytes()).await.unwrap();
            writer.write_all(body).await.unwrap();
        };
        let mut response = Vec::new();
        let ((), read) = tokio::join!(write, reader.read_to_end(&mut response));
        read.unwrap();
        response
    };
    timeout(PATIENCE, exchange).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_body_goes_there_and_back() {
    let body: Vec<u8> = (0..10_u32 << 20).map(|index| (index % 251) as u8).collect();
    for instances in [FRESH, 1] {
        let mut served = Served::start("bare-echo-p3", instances).await;
        for body in [&body[..], b""] {
            let response = exchange(served.serving.address, "POST /x HTTP/1.0", body).await;
            let end = response.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
            let head = String::from_utf8_lossy(&response[..end]);
            assert!(head.starts_with("HTTP/1.0 200 OK\r\n") && head.contains("content-type: a/b"), "{head}");
            assert!(response[end + 4..] == *body, "{} bytes came back", response.len() - end - 4);
            assert_eq!(served.event().await, "app answered POST /x: 200");
        }
        // The body that the guest reads itself.
        let web = Served::start("web", instances).await;
        let response = exchange(web.serving.address, "POST /whom HTTP/1.0", &body).await;
        assert!(String::from_utf8_lossy(&response).contains("Method::Post 10485760"), "{instances}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_get_fresh_instances_or_share_some() {
    for (instances, counts) in [(FRESH, ["1", "1", "1", "1"]), (1, ["1", "2", "3", "4"]), (2, ["1", "1", "2", "2"])] {
        let served = Served::start("web", instances).await;
        for count in counts {
            assert_eq!(served.get("/count").await, (200, count.to_owned()), "{instances}");
        }
        assert_eq!(served.serving.running.stop(PATIENCE).await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shared_instance_has_32_requests_at_once() {
    let served = Served::start("web", 1).await;
    let met = join_all([(); 32].map(|()| served.get("/meet/32"))).await;
    assert!(met.iter().all(|answer| *answer == (200, "met".to_owned())), "{met:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_are_answered_and_reported() {
    for instances in [FRESH, 1] {
        let mut served = Served::start("web", instances).await;
        for (path, answer, told) in [
            ("/early", (500, ""), "500, trap: "),
            ("/late", (200, "whole"), "200, trap: "),
            ("/refuse", (500, ""), "500, error: ErrorCode::ConfigurationError"),
            ("/nowhere", (404, ""), "404"),
        ] {
            assert_eq!(served.get(path).await, (answer.0, answer.1.to_owned()), "{path}");
            // A shared instance has no more to do for the request when its body has been sent.
            if instances == FRESH || path != "/late" {
                let event = served.event().await;
                assert!(event.starts_with(&format!("app answered GET {path}: {told}")), "{event}");
            } else {
                assert_eq!(served.event().await, "app answered GET /late: 200");
                let event = served.event().await;
                assert!(event.starts_with("app trapped between calls: "), "{event}");
            }
        }
        assert_eq!(ask(served.serving.address, "GET /count HTTP/1.0\r\n\r\n").await, (400, String::new()));
        assert_eq!(served.event().await, "app answered GET /count: 400, error: the request names no host");
        assert_eq!(served.get("/count").await, (200, "1".to_owned()), "the next request is none the worse");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trap_midway_cuts_the_body_off() {
    for instances in [FRESH, 1] {
        let mut served = Served::start("web", instances).await;
        let response = exchange(served.serving.address, "GET /midway HTTP/1.1", b"").await;
        let response = String::from_utf8(response).unwrap();
        assert!(response.starts_with("HTTP/1.1 200 OK\r\n") && response.contains("5\r\nbegun\r\n"), "{response}");
        assert!(!response.ends_with("0\r\n\r\n"), "it must not look whole: {response}");
        let event = served.event().await;
        assert!(event.starts_with("app answered GET /midway: 200, trap: "), "{event}");
        assert_eq!(served.get("/count").await, (200, "1".to_owned()));
    }
}

/// All requests of an instance end with it.
#[tokio::test(flavor = "multi_thread")]
async fn a_trap_ends_all_requests_of_its_instance() {
    let served = Served::start("web", 1).await;
    let waiting = served.get("/meet/2");
    let trapped = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        served.get("/early").await
    };
    assert_eq!(tokio::join!(waiting, trapped), ((500, String::new()), (500, String::new())));
    assert_eq!(served.get("/count").await, (200, "1".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_goes_away_ends_the_body() {
    for instances in [FRESH, 1] {
        let mut served = Served::start("web", instances).await;
        let mut stream = TcpStream::connect(served.serving.address).await.unwrap();
        stream.write_all(b"GET /endless HTTP/1.1\r\nhost: here\r\n\r\n").await.unwrap();
        let mut begun = [0; 10_000];
        timeout(PATIENCE, stream.read_exact(&mut begun)).await.unwrap().unwrap();
        assert!(served.serving.running.is_busy());
        drop(stream);
        assert_eq!(served.event().await, "app answered GET /endless: 200");
        if instances != FRESH {
            let gone = async {
                while served.get("/gone").await.1 != "1" {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            };
            timeout(PATIENCE, gone).await.expect("the guest learns it");
        }
        // A client that stops in the middle of its body.
        let mut stream = TcpStream::connect(served.serving.address).await.unwrap();
        stream.write_all(b"POST /whom HTTP/1.1\r\nhost: here\r\ncontent-length: 9\r\n\r\nhalf").await.unwrap();
        drop(stream);
        loop {
            let event = served.event().await;
            if event.contains("/whom") {
                assert!(event.starts_with("app answered POST /whom: 500, error: ErrorCode::"), "{event}");
                break;
            }
        }
        assert_eq!(served.serving.running.stop(PATIENCE).await, 0);
    }
}

/// Leads every authority to one app but `nowhere`.
#[derive(Debug)]
struct To(SocketAddr);

impl Connect for To {
    fn connect(&self, authority: &str) -> io::Result<Box<dyn Stream>> {
        if authority == "nowhere" {
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        let (ours, mut theirs) = tokio::io::duplex(64);
        let address = self.0;
        tokio::spawn(async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            // The peer may close first.
            let _ = tokio::io::copy_bidirectional(&mut theirs, &mut stream).await;
        });
        Ok(Box::new(ours))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_go_out_over_the_network_or_over_other_streams() {
    let other = Served::start("web", FRESH).await;
    let to = other.serving.address;
    let post = |path: &str| format!("POST {path} HTTP/1.0\r\nhost: here\r\ncontent-length: 4\r\n\r\ndata");
    for instances in [FRESH, 1] {
        let over_network = Served::start("web", instances).await.serving;
        let answer = ask(over_network.address, &post(&format!("/to/{to}/whom"))).await;
        assert_eq!(answer, (200, "Method::Post 4".to_owned()));
        assert_eq!(get(over_network.address, &format!("/to/{to}/nowhere")).await, (404, String::new()));

        let connect = |services| Services { connect: Some(Arc::new(To(to))), ..services };
        let served = Served::with("web", instances, connect).await;
        let answer = ask(served.serving.address, &post("/to/other/whom")).await;
        assert_eq!(answer, (200, "Method::Post 4".to_owned()));
        assert_eq!(served.get("/to/nowhere/whom").await, (502, "ErrorCode::ConnectionRefused".to_owned()));
    }
}

/// An HTTP front and a handler in one instance: it answers its own requests, and waits for them.
#[tokio::test(flavor = "multi_thread")]
async fn requests_and_messages_share_an_instance() {
    let folder = tempfile::tempdir().unwrap();
    let options = [("reply-topic", "front.replies"), ("mailbox", "memory")];
    let composed = std::fs::read(compose_in("async", "front-async", &options, folder.path())).unwrap();
    let (app, mut events) = load(&composed, |services| services);
    let topics = |topics: &[&str]| topics.iter().map(|topic| (*topic).to_owned()).collect();
    let subscriptions = Subscriptions {
        topics: topics(&["sleep", "echo"]),
        inboxes: topics(&["front.replies.*"]),
        concurrency: 32,
        instances: Instances::Shared(NonZeroUsize::MIN),
        ..Subscriptions::default()
    };
    let running = app.start(&subscriptions).await.unwrap();
    let pool = running.pool().unwrap();
    let serving = pool.serve_http("127.0.0.1:0".parse().unwrap(), 32).await.unwrap();
    assert_eq!(get(serving.address, "/hello").await, (200, "hello from the guest".to_owned()));
    let post = async |path: &str, data: String| {
        let head = format!("POST {path} HTTP/1.0\r\nhost: here\r\ncontent-length: {}\r\n\r\n", data.len());
        ask(serving.address, &format!("{head}{data}")).await
    };
    // Each waits for a message that this instance handles meanwhile.
    let answers = join_all((0..32).map(|number| post("/ask/sleep", number.to_string()))).await;
    for (number, answer) in answers.into_iter().enumerate() {
        assert_eq!(answer, (200, number.to_string()));
    }
    assert_eq!(post("/", "an order".into()).await, (202, String::new()));
    let ordered = async {
        loop {
            if let Event::Sent { topic, message, .. } = events.recv().await.unwrap()
                && topic == "orders"
            {
                return message.data;
            }
        }
    };
    assert_eq!(timeout(PATIENCE, ordered).await.unwrap(), b"an order");
    assert_eq!(running.stop(PATIENCE).await + serving.running.stop(PATIENCE).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_of_0_2_shares_no_requests() {
    let folder = tempfile::tempdir().unwrap();
    let front = std::fs::read(compose_in("sync", "front", &[], folder.path())).unwrap();
    let (app, _events) = load(&front, |services| services);
    let pool = Arc::new(app.share(NonZeroUsize::MIN).await.unwrap());
    let Err(error) = pool.serve_http("127.0.0.1:0".parse().unwrap(), 1).await else { panic!("it is served") };
    assert_eq!(
        error.to_string(),
        "`app` does not export `wasi:http/handler@0.3`, so requests cannot share its instances"
    );
}

#[test]
fn the_program_serves_fresh_and_shared_instances() {
    let web = root().join("fixtures/prebuilt/web.wasm").display().to_string();
    let threads = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for (arguments, second) in [(&["--http", "0"][..], "1"), (&["--http", "0", "--instance", "shared"], "2")] {
        let process = Process::start(host().arg(&web).args(arguments));
        let address = process.said[0].rsplit('/').next().unwrap().parse().unwrap();
        for count in ["1", second] {
            assert_eq!(threads.block_on(get(address, "/count")), (200, count.to_owned()));
        }
        assert_eq!(process.interrupt(), Some(0));
    }
    for (arguments, reason) in [
        (&["--instance", "shared"][..], "no component gets any: give it a topic, COMPONENT=TOPIC"),
        (&[], "`web` exports `wasi:http/handler@0.3`, and nothing calls it: give `--http PORT`"),
    ] {
        let output = host().arg(&web).args(arguments).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        assert!(stderr.contains(reason), "{stderr}");
    }
}
