//! Serves components over HTTP, and tests requests to them and from them.

use crate::{
    server::{Upstream, ask, get, server, write_server},
    support::{PATIENCE, Process, host, root},
};
use msgcompose_host::{App, Broker, Event, KeyValue, Options, Runtime, Services, Serving, broker, keyvalue};
use std::{sync::Arc, time::Duration};
use tokio::{sync::mpsc, time::timeout};

/// A component that is being served.
struct Served {
    serving: Serving,
    store: KeyValue,
    events: mpsc::UnboundedReceiver<Event>,
}

impl Served {
    async fn start(concurrency: u32) -> Self {
        Self::with(concurrency, Options::default(), |services| services).await
    }

    async fn with(concurrency: u32, options: Options, set: impl FnOnce(Services) -> Services) -> Self {
        let (watcher, events) = mpsc::unbounded_channel();
        let store = KeyValue::Memory(keyvalue::Memory::new(["default"]));
        let services = Services::new(Broker::Memory(broker::Memory::new()), store.clone(), watcher);
        let runtime = Runtime::new(options).unwrap();
        let app = App::new(&runtime, &Arc::new(set(services)), "server", &server(), &[]).unwrap();
        let serving = app.serve_http("127.0.0.1:0".parse().unwrap(), concurrency).await.unwrap();
        Self { serving, store, events }
    }

    async fn get(&self, path: &str) -> (u16, String) {
        get(self.serving.address, path).await
    }

    /// Returns the next event as text.
    async fn event(&mut self) -> String {
        timeout(PATIENCE, self.events.recv()).await.expect("nothing was told").unwrap().to_string()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_answered_by_a_fresh_instance_and_told() {
    for concurrency_support in [true, false] {
        let mut served = Served::with(16, Options { concurrency_support }, |services| services).await;
        for path in ["/hello", "/", "/hello?a=1"] {
            assert_eq!(served.get(path).await, (200, path.to_owned()));
            assert_eq!(served.event().await, format!("server answered GET {path}: 200"));
        }
        let request = "POST /hello HTTP/1.0\r\nhost: here\r\ncontent-length: 4\r\n\r\ndata";
        assert_eq!(ask(served.serving.address, request).await, (200, "/hello".into()));
        assert_eq!(served.event().await, "server answered POST /hello: 200");
        assert_eq!(served.serving.running.stop(PATIENCE).await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_are_answered_and_reported() {
    let mut served = Served::start(16).await;
    for (path, answer, told) in [
        ("/trap", (500, ""), "500, trap: "),
        ("/late", (200, "/late"), "200, trap: "),
        ("/none", (500, ""), "500, error: the component set no response"),
        ("/refuse", (500, ""), "500, error: ErrorCode::ConfigurationError"),
    ] {
        assert_eq!(served.get(path).await, (answer.0, answer.1.to_owned()), "{path}");
        let event = served.event().await;
        assert!(event.starts_with(&format!("server answered GET {path}: {told}")), "{event}");
    }
    assert_eq!(ask(served.serving.address, "GET /hello HTTP/1.0\r\n\r\n").await, (400, String::new()));
    assert_eq!(served.event().await, "server answered GET /hello: 400, error: the request names no host");
    assert_eq!(served.get("/hello").await.0, 200, "the next request is none the worse");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_handled_at_once_up_to_the_limit() {
    let served = Served::start(2).await;
    let upstream = Upstream::start().await;
    let path = upstream.path();
    let all = async { tokio::join!(served.get(&path), served.get(&path), served.get(&path)) };
    let look = async {
        upstream.holds(2).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(upstream.held(), 2, "the third waits");
        assert!(served.serving.running.is_busy());
        upstream.go.add_permits(1);
        upstream.holds(2).await;
        upstream.go.add_permits(2);
    };
    let ((first, second, third), ()) = tokio::join!(all, look);
    assert_eq!([first.0, second.0, third.0], [204; 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_learns_that_its_request_failed() {
    let served = Served::start(16).await;
    let upstream = Upstream::start().await;
    upstream.go.add_permits(1);
    assert_eq!(served.get(&upstream.path()).await.0, 204);
    // A server without TLS, one that is gone, and an invalid name.
    let gone = Served::start(16).await;
    let address = gone.serving.address;
    assert_eq!(served.get(&format!("/secure/{address}")).await.0, 502);
    gone.serving.running.stop(PATIENCE).await;
    assert_eq!(served.get(&format!("/with/{address}")).await.0, 502);
    assert_eq!(served.get("/with/no-such-host.invalid").await.0, 502);
}

#[tokio::test(flavor = "multi_thread")]
async fn components_see_the_environment_the_configuration_and_the_shared_store() {
    let pairs = |key: &str, value: &str| [(key.to_owned(), value.to_owned())].into();
    let served = Served::with(16, Options::default(), |services| Services {
        environment: pairs("PLACE", "here"),
        config: pairs("greeting", "hello"),
        ..services
    })
    .await;
    assert_eq!(served.get("/env").await, (200, "here".into()));
    assert_eq!(served.get("/config/greeting").await, (200, "hello".into()));
    assert_eq!(served.get("/config/other").await, (404, String::new()));
    for _ in 0..2 {
        assert_eq!(served.get("/keep").await.0, 200);
    }
    let kept = served.store.open("default").await.unwrap().get("kept").await.unwrap();
    assert_eq!(kept.as_deref(), Some(&b"2"[..]));
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_in_hand_are_finished_when_it_ends() {
    let Served { serving: Serving { address, running }, .. } = Served::start(16).await;
    let upstream = Upstream::start().await;
    let path = upstream.path();
    // An idle connection must not delay the end.
    let idle = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = tokio::spawn(async move { get(address, &path).await });
    upstream.holds(1).await;
    let end = tokio::spawn(running.stop(PATIENCE));
    let refused = async {
        while tokio::net::TcpStream::connect(address).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, refused).await.expect("it goes on taking connections");
    assert!(!end.is_finished());
    upstream.go.add_permits(1);
    assert_eq!(request.await.unwrap().0, 204);
    assert_eq!(end.await.unwrap(), 0);
    drop(idle);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_take_too_long_are_counted_when_it_ends() {
    let Served { serving: Serving { address, running }, .. } = Served::start(16).await;
    let upstream = Upstream::start().await;
    let path = upstream.path();
    tokio::spawn(async move { get(address, &path).await });
    upstream.holds(1).await;
    assert_eq!(running.stop(Duration::from_millis(50)).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_without_a_server_and_an_address_in_use_are_refused() {
    let served = Served::start(16).await;
    let (watcher, _events) = mpsc::unbounded_channel();
    let store = KeyValue::Memory(keyvalue::Memory::new(["default"]));
    let services = Arc::new(Services::new(Broker::Memory(broker::Memory::new()), store, watcher));
    let runtime = Runtime::new(Options::default()).unwrap();
    let ticker = std::fs::read(root().join("fixtures/prebuilt/ticker.wasm")).unwrap();
    let address = served.serving.address;
    for (bytes, reason) in [
        (ticker, "exports neither `wasi:http/incoming-handler@0.2` nor `wasi:http/handler@0.3`".to_owned()),
        (server(), format!("`app` cannot be served on {address}")),
    ] {
        let app = App::new(&runtime, &services, "app", &bytes, &[]).unwrap();
        let Err(error) = app.serve_http(address, 1).await else { panic!("it is served") };
        assert!(error.to_string().contains(&reason), "{error}");
    }
    let empty = wat::parse_str("(component)").unwrap();
    let Err(error) = App::new(&runtime, &services, "empty", &empty, &[]) else { panic!("it is loaded") };
    for export in
        ["wasi:messaging/incoming-handler@", "wasi:http/incoming-handler@0.2", "wasi:http/handler@0.3", "wasi:cli/run@"]
    {
        assert!(error.to_string().contains(export), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_says_where_it_serves_and_ends_by_ctrl_c() {
    let folder = tempfile::tempdir().unwrap();
    let (front, back) = (write_server(folder.path(), "front"), write_server(folder.path(), "back"));
    let mut command = host();
    command.args([&front, &back]).args(["--http", "0", "--http", "localhost:0"]);
    let process = Process::start(command.args(["--env", "PLACE=here", "--config", "greeting=hello"]));
    let address = |app: &str| {
        let line = process.said.iter().find_map(|line| line.strip_prefix(&format!("serving `{app}` on http://")));
        line.unwrap_or_else(|| panic!("{:?}", process.said)).parse().unwrap()
    };
    // It keeps running although nothing happens.
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(get(address("front"), "/env").await, (200, "here".into()));
    assert_eq!(get(address("back"), "/config/greeting").await, (200, "hello".into()));
    assert_eq!(process.interrupt(), Some(0));
}

#[test]
fn the_program_ends_by_itself_if_it_is_told_to_and_fails_after_a_trap() {
    let folder = tempfile::tempdir().unwrap();
    let server = write_server(folder.path(), "server");
    let output = host().args([&server, "--http", "0", "--idle-ms", "50"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let process = Process::start(host().args([&server, "--http", "0"]));
    let address = process.said[0].rsplit('/').next().unwrap().parse().unwrap();
    let threads = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    assert_eq!(threads.block_on(get(address, "/trap")).0, 500);
    assert_eq!(process.interrupt(), Some(1));
}

#[test]
fn addresses_that_do_not_fit_the_components_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let server = write_server(folder.path(), "server");
    let ticker = root().join("fixtures/prebuilt/ticker.wasm").display().to_string();
    for (arguments, code, reason) in [
        (
            vec![&*server],
            1,
            "`server` exports `wasi:http/incoming-handler@0.2`, and nothing calls it: give `--http PORT`",
        ),
        (vec![&server, "--http", "0", "--http", "0"], 1, "`--http` is given 2 times, but 1 component exports"),
        (
            vec![&ticker, "--http", "0"],
            1,
            "0 components export `wasi:http/incoming-handler@0.2` or `wasi:http/handler@0.3`",
        ),
        (vec![&server, "--http", "nonsense"], 2, "[HOST:]PORT"),
        (vec![&server, "--http", "70000"], 2, "[HOST:]PORT"),
    ] {
        let output = host().args(&arguments).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?} {stderr}");
        assert!(stderr.contains(reason), "{stderr}");
    }
}
