//! A component that answers HTTP requests, written in the text format, and a client that calls it.

use std::{
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::timeout,
};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use crate::support::{PATIENCE, root};

/// Returns the component. `server.wat` describes its answers.
pub fn server() -> Vec<u8> {
    let mut module = wat::parse_str(include_str!("server.wat")).unwrap();
    let mut resolve = Resolve::default();
    for package in ["config", "keyvalue"] {
        resolve.push_dir(root().join("wit").join(package)).unwrap();
    }
    let package = resolve.push_str("world.wit", include_str!("world.wit")).unwrap();
    let world = resolve.select_world(&[package], None).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().module(&module).unwrap().encode().unwrap()
}

/// Writes the component into a folder and returns its path.
pub fn write_server(folder: &Path, name: &str) -> String {
    let path = folder.join(format!("{name}.wasm"));
    std::fs::write(&path, server()).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Gets a path and returns the status and the body.
pub async fn get(address: SocketAddr, path: &str) -> (u16, String) {
    ask(address, &format!("GET {path} HTTP/1.0\r\nhost: {address}\r\n\r\n")).await
}

/// Sends a request and returns the status and the body. In HTTP 1.0, the body ends with the connection.
pub async fn ask(address: SocketAddr, request: &str) -> (u16, String) {
    let exchange = async {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).await.unwrap();
        response
    };
    let response = timeout(PATIENCE, exchange).await.unwrap();
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

/// A server that components send requests to. It answers 204, but holds each request until the test releases it.
#[derive(Clone)]
pub struct Upstream {
    pub address: SocketAddr,
    /// Each permit releases one request.
    pub go: Arc<Semaphore>,
    held: Arc<AtomicUsize>,
}

impl Upstream {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let upstream = Self { address, go: Arc::new(Semaphore::new(0)), held: Arc::default() };
        let answering = upstream.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answering.clone().answer(stream));
            }
        });
        upstream
    }

    async fn answer(self, mut stream: TcpStream) {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let Ok(byte) = stream.read_u8().await else { return };
            head.push(byte);
        }
        self.held.fetch_add(1, Ordering::SeqCst);
        self.go.acquire().await.unwrap().forget();
        self.held.fetch_sub(1, Ordering::SeqCst);
        stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").await.unwrap();
    }

    /// Returns the path that makes the component send a request here.
    pub fn path(&self) -> String {
        format!("/with/{}", self.address)
    }

    /// Returns the number of requests that are held.
    pub fn held(&self) -> usize {
        self.held.load(Ordering::SeqCst)
    }

    /// Waits until `number` requests are held.
    pub async fn holds(&self, number: usize) {
        let holds = async {
            while self.held() != number {
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        };
        timeout(PATIENCE, holds).await.unwrap_or_else(|_| panic!("{} requests came", self.held()));
    }
}
