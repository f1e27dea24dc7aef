//! A connection of TCP: bytes in, bytes out.

use super::clock::{Instant, wait};
use crate::bindings::wasi::{
    io::streams::{InputStream, OutputStream, StreamError},
    sockets::{
        instance_network::instance_network,
        ip_name_lookup::resolve_addresses,
        network::{
            ErrorCode, IpAddress, IpAddressFamily, IpSocketAddress, Ipv4SocketAddress, Ipv6SocketAddress, Network,
        },
        tcp::TcpSocket,
        tcp_create_socket::create_tcp_socket,
    },
};
use alloc::vec::Vec;
use broker::Server;
use core::net::IpAddr;
use imports::io::poll::Pollable;

/// What is read at once, in bytes; more only if that came whole.
const PIECE: u64 = 16 << 10;
const LARGE_PIECE: u64 = 64 << 10;

/// A connection. What belongs to the socket is dropped before it.
pub struct Link {
    /// Ready when there are bytes, or when the other side has ended.
    pub readable: Pollable,
    input: InputStream,
    output: OutputStream,
    piece: u64,
    _socket: TcpSocket,
}

/// The connection has ended.
pub struct Ended;

impl Link {
    /// Connects to the first address of a server that answers. Fails with the reason in words.
    pub fn connect(server: &Server, until: Instant) -> Result<Self, &'static str> {
        let network = instance_network();
        let mut reason = "the name has no address";
        for address in addresses(&network, &server.host, until)? {
            match Self::at(&network, address, server.port, until) {
                Ok(link) => return Ok(link),
                Err(code) => reason = described(code),
            }
        }
        Err(reason)
    }

    fn at(network: &Network, address: IpAddress, port: u16, until: Instant) -> Result<Self, ErrorCode> {
        let (family, address) = match address {
            IpAddress::Ipv4(address) => {
                (IpAddressFamily::Ipv4, IpSocketAddress::Ipv4(Ipv4SocketAddress { port, address }))
            }
            IpAddress::Ipv6(address) => {
                let address = Ipv6SocketAddress { port, flow_info: 0, address, scope_id: 0 };
                (IpAddressFamily::Ipv6, IpSocketAddress::Ipv6(address))
            }
        };
        let socket = create_tcp_socket(family)?;
        socket.start_connect(network, address)?;
        let connected = socket.subscribe();
        let (input, output) = loop {
            match socket.finish_connect() {
                Err(ErrorCode::WouldBlock) => wait(&[&connected], until).map(drop).ok_or(ErrorCode::Timeout)?,
                streams => break streams?,
            }
        };
        drop(connected);
        Ok(Self { readable: input.subscribe(), input, output, piece: PIECE, _socket: socket })
    }

    /// Returns the bytes that are there, maybe none.
    pub fn read(&mut self) -> Result<Vec<u8>, Ended> {
        match self.input.read(self.piece) {
            Ok(bytes) => {
                self.piece = if bytes.len() as u64 == self.piece { LARGE_PIECE } else { PIECE };
                Ok(bytes)
            }
            Err(StreamError::Closed | StreamError::LastOperationFailed(_)) => Err(Ended),
        }
    }

    /// Writes all bytes. Fails if the connection ends, or if the other side does not take them in time.
    pub fn write(&self, mut bytes: &[u8], until: Instant) -> Result<(), Ended> {
        while !bytes.is_empty() {
            let room = self.output.check_write().map_err(|_| Ended)?;
            let (first, rest) = bytes.split_at(bytes.len().min(usize::try_from(room).unwrap_or(usize::MAX)));
            if first.is_empty() {
                wait(&[&self.output.subscribe()], until).ok_or(Ended)?;
                continue;
            }
            self.output.write(first).map_err(|_| Ended)?;
            bytes = rest;
        }
        Ok(())
    }
}

/// Returns the addresses of a host, which may be an address itself. Fails with the reason in words.
fn addresses(network: &Network, host: &str, until: Instant) -> Result<Vec<IpAddress>, &'static str> {
    match host.parse() {
        Ok(IpAddr::V4(address)) => return Ok(Vec::from([IpAddress::Ipv4(address.octets().into())])),
        Ok(IpAddr::V6(address)) => return Ok(Vec::from([IpAddress::Ipv6(address.segments().into())])),
        Err(_) => {}
    }
    let stream = resolve_addresses(network, host).map_err(described)?;
    let known = stream.subscribe();
    let mut addresses = Vec::new();
    loop {
        match stream.resolve_next_address() {
            Ok(Some(address)) => addresses.push(address),
            Ok(None) => return Ok(addresses),
            Err(ErrorCode::WouldBlock) => {
                wait(&[&known], until).ok_or("its name was not resolved in time")?;
            }
            Err(code) => return Err(described(code)),
        }
    }
}

/// Returns the words for an error that connecting can give.
fn described(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::AccessDenied => "the host allows no connection (`wasmtime run` does with `-S inherit-network`)",
        ErrorCode::ConnectionRefused => "connection refused",
        ErrorCode::ConnectionReset | ErrorCode::ConnectionAborted => "connection reset",
        ErrorCode::RemoteUnreachable => "unreachable",
        ErrorCode::Timeout => "it did not answer in time",
        ErrorCode::NotSupported => "the host does not support its address",
        ErrorCode::NameUnresolvable => "unknown name",
        ErrorCode::TemporaryResolverFailure => "names cannot be resolved now",
        ErrorCode::PermanentResolverFailure => {
            "unknown name, or the host looks no names up (`wasmtime run` does with `-S allow-ip-name-lookup`)"
        }
        _ => "no connection",
    }
}
