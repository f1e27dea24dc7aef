//! Converts between handles, which other components have, and the clients and messages of this instance.

use crate::{
    bindings::exports::wasi::messaging::types::{ClientBorrow, Message as Handle, MessageBorrow},
    table::{MESSAGES, Message},
};
use alloc::{boxed::Box, string::String};
use core::{cell::Cell, mem::transmute};

/// A guest's `client`.
pub struct Client {
    /// The name given to `connect`. A message that goes to the host is sent with a client of this name.
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

/// Returns the number of a borrowed message.
pub fn number(message: MessageBorrow<'_>) -> u32 {
    // SAFETY: a `MessageBorrow` consists of the number that `new_handle` made the handle from.
    unsafe { transmute::<MessageBorrow<'_>, *const u8>(message) as u32 }
}

/// Returns a borrowed client.
pub fn client(client: ClientBorrow<'_>) -> &Client {
    // SAFETY: a `ClientBorrow` consists of the address that `abi` made the handle from. It is valid during the call.
    unsafe { &*transmute::<ClientBorrow<'_>, *const Client>(client) }
}

/// Puts a message in the table. Returns its number, and a new handle to it.
fn put(message: Box<Message>) -> (u32, u32) {
    let number = MESSAGES.borrow_mut().insert(message);
    // SAFETY: the number is in the table.
    (number, unsafe { resource_new(number) })
}

/// Puts a message in the table, and returns a new handle to it.
pub fn new_handle(message: Box<Message>) -> u32 {
    put(message).1
}

/// Returns an owned handle to a message, for another component.
pub fn give(message: Message) -> Handle {
    // SAFETY: the handle is new.
    unsafe { Handle::from_handle(new_handle(Box::new(message))) }
}

/// Returns the number of an empty message, and an owned handle to it.
pub fn give_empty() -> (u32, Handle) {
    let (number, handle) = put(Box::default());
    // SAFETY: the handle is new.
    (number, unsafe { Handle::from_handle(handle) })
}

/// Takes a message out of the table by its owned handle.
pub fn take(handle: Handle) -> Box<Message> {
    // SAFETY: this component owns the handle.
    let number = unsafe { resource_rep(handle.handle()) };
    // Dropping the handle, at the end of this function, frees the number.
    let taken = MESSAGES.borrow_mut().take(number);
    taken.unwrap_or_default()
}
