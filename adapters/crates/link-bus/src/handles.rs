//! The handles by which others have the clients and messages of this instance.

use crate::{
    bindings::exports::wasi::messaging::types::{ClientBorrow, Message as Handle, MessageBorrow},
    table::{MESSAGES, Message},
};
use alloc::{boxed::Box, string::String};
use core::{cell::Cell, mem::transmute};

/// A guest's `client`.
pub struct Client {
    /// By which the host may know it.
    pub name: String,
    pub connected: Cell<bool>,
}

#[link(wasm_import_module = "[export]wasi:messaging/types@0.2.0-draft")]
unsafe extern "C" {
    #[link_name = "[resource-new]message"]
    fn resource_new(number: u32) -> u32;
    #[link_name = "[resource-rep]message"]
    fn resource_rep(handle: u32) -> u32;
}

/// The number of a message that somebody lends.
pub fn number(message: MessageBorrow<'_>) -> u32 {
    // SAFETY: it is nothing but the number, which `new_handle` gave.
    unsafe { transmute::<MessageBorrow<'_>, *const u8>(message) as u32 }
}

/// The client that somebody lends.
pub fn client(client: ClientBorrow<'_>) -> &Client {
    // SAFETY: it is nothing but the address that `abi` made it of, and lives as long as the call.
    unsafe { &*transmute::<ClientBorrow<'_>, *const Client>(client) }
}

/// A new handle.
pub fn new_handle(message: Box<Message>) -> u32 {
    let number = MESSAGES.borrow_mut().insert(message);
    // SAFETY: the table has the number.
    unsafe { resource_new(number) }
}

/// Gives a message away.
pub fn give(message: Message) -> Handle {
    // SAFETY: the handle is new.
    unsafe { Handle::from_handle(new_handle(Box::new(message))) }
}

/// Takes a message that somebody gives.
pub fn take(handle: Handle) -> Box<Message> {
    // SAFETY: the handle is this component's own.
    let number = unsafe { resource_rep(handle.handle()) };
    // The number is freed when the handle is dropped, which is at the end.
    let taken = MESSAGES.borrow_mut().take(number);
    taken.unwrap_or_default()
}
