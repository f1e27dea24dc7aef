//! A proxy in front of a server: it splits what passes at places that depend on a seed, and can cut connections.

use std::{
    io::{self, Read, Write},
    net::{Ipv4Addr, Shutdown, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

/// What happens to a connection.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Decides where pieces end, and which of them come late.
    pub seed: u64,
    /// After so many bytes in either direction the connection ends.
    pub cut_after: Option<usize>,
}

/// The proxy. It runs until the process ends.
pub struct Proxy {
    pub port: u16,
    connections: Arc<AtomicUsize>,
}

impl Proxy {
    /// Starts a proxy in front of a port of this machine. `plan` gets the number of connections before.
    pub fn start(to: u16, plan: impl Fn(usize) -> Plan + Send + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::<AtomicUsize>::default();
        let counter = connections.clone();
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let plan = plan(counter.fetch_add(1, Ordering::SeqCst));
                let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, to)) else { continue };
                let passed = Arc::<AtomicUsize>::default();
                for (from, to, seed) in [(&client, &server, plan.seed), (&server, &client, !plan.seed)] {
                    let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    let passed = passed.clone();
                    thread::spawn(move || {
                        let _ = pass(&from, &to, Plan { seed, ..plan }, &passed);
                        for side in [from, to] {
                            let _ = side.shutdown(Shutdown::Both);
                        }
                    });
                }
            }
        });
        Self { port, connections }
    }

    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// The number of connections so far.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

fn pass(mut from: &TcpStream, mut to: &TcpStream, plan: Plan, passed: &AtomicUsize) -> io::Result<()> {
    from.set_nodelay(true)?;
    to.set_nodelay(true)?;
    let (mut buffer, mut random) = ([0; 4096], Random::new(plan.seed));
    loop {
        let got = from.read(&mut buffer)?;
        if got == 0 {
            return Ok(());
        }
        let mut rest = &buffer[..got];
        while !rest.is_empty() {
            // Mostly small pieces, sometimes all that is there.
            let most = if random.below(4) == 0 { rest.len() } else { 7 };
            let mut length = 1 + random.below(most.min(rest.len()));
            let before = passed.fetch_add(length, Ordering::SeqCst);
            if let Some(cut) = plan.cut_after.filter(|cut| before + length >= *cut) {
                length = cut.saturating_sub(before);
                to.write_all(&rest[..length])?;
                return Ok(());
            }
            to.write_all(&rest[..length])?;
            rest = &rest[length..];
            if random.below(16) == 0 {
                thread::sleep(Duration::from_millis(1));
            }
        }
    }
}

/// Random numbers that are the same each time (xorshift).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// Returns a number below a limit.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % limit
    }
}
