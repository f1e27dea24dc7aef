//! Handwritten exports of `wasi:messaging/types`.
//!
//! Generated ones would use a message's address as its number, and addresses are reused when a message is gone. They
//! would also copy data that is only read.
//!
//! Results lie in [`RETURNED`] or in the message itself. The caller reads them before anything else runs here. Strings
//! and lists in arguments belong to this component, because its `cabi_realloc` allocated them.

use crate::{
    handles::{Client, new_handle},
    local::Local,
    table::{MESSAGES, Message},
};
use alloc::{boxed::Box, string::String, vec::Vec};
use core::cell::{Cell, UnsafeCell};
use message::{Content, metadata};

/// Memory for results. The largest is that of `connect`.
#[repr(C, align(8))]
struct Returned {
    words: UnsafeCell<[usize; 4]>,
    pairs: UnsafeCell<Vec<[usize; 4]>>,
}

static RETURNED: Local<Returned> =
    Local(Returned { words: UnsafeCell::new([0; 4]), pairs: UnsafeCell::new(Vec::new()) });

fn give(words: [usize; 4]) -> *const usize {
    // SAFETY: the caller has read the result before this one.
    unsafe { *RETURNED.words.get() = words };
    RETURNED.words.get().cast()
}

/// Takes ownership of a list in an argument.
///
/// # Safety
///
/// This component's allocator must have allocated it, with this length.
unsafe fn list<T>(address: *mut T, length: usize) -> Vec<T> {
    // SAFETY: the caller guarantees the allocation.
    unsafe { Vec::from_raw_parts(address, length, length) }
}

/// Takes ownership of a string in an argument.
///
/// # Safety
///
/// As for [`list`]. The canonical ABI guarantees UTF-8.
unsafe fn text(address: *mut u8, length: usize) -> String {
    // SAFETY: the caller guarantees the allocation, the canonical ABI guarantees UTF-8.
    unsafe { String::from_utf8_unchecked(list(address, length)) }
}

/// Calls `act` with the message that has this number. It exists, because the caller has a handle to it.
fn with<T: Default>(number: u32, act: impl FnOnce(&mut Message) -> T) -> T {
    MESSAGES.borrow_mut().get(number).map(act).unwrap_or_default()
}

#[link(wasm_import_module = "[export]wasi:messaging/types@0.2.0-draft")]
unsafe extern "C" {
    #[link_name = "[resource-new]client"]
    fn new_client(client: *mut u8) -> usize;
}

#[unsafe(export_name = "wasi:messaging/types@0.2.0-draft#[static]client.connect")]
unsafe extern "C" fn connect(name: *mut u8, length: usize) -> *const usize {
    // SAFETY: this component owns the string.
    let name = unsafe { text(name, length) };
    let client = Box::into_raw(Box::new(Client { name, connected: Cell::new(true) }));
    // SAFETY: the address is valid until the destructor runs.
    give([0, unsafe { new_client(client.cast()) }, 0, 0])
}

#[unsafe(export_name = "wasi:messaging/types@0.2.0-draft#[method]client.disconnect")]
unsafe extern "C" fn disconnect(client: *const Client) -> *const usize {
    // SAFETY: the caller has a handle, so the client exists.
    unsafe { (*client).connected.set(false) };
    give([0; 4])
}

#[unsafe(export_name = "wasi:messaging/types@0.2.0-draft#[dtor]client")]
unsafe extern "C" fn drop_client(client: *mut Client) {
    // SAFETY: the host drops a client once, when no handle to it is left.
    drop(unsafe { Box::from_raw(client) });
}

#[unsafe(export_name = "wasi:messaging/types@0.2.0-draft#[constructor]message")]
unsafe extern "C" fn constructor(data: *mut u8, length: usize) -> u32 {
    // SAFETY: this component owns the list.
    let data = unsafe { list(data, length) };
    new_handle(Box::new(Content { data: data.into(), ..Content::default() }.into()))
}

#[unsafe(export_name = "wasi:messaging/types@0.2.0-draft#[dtor]message")]
extern "C" fn drop_message(number: u32) {
    MESSAGES.borrow_mut().free(number);
}

#[unsafe(export_name = "wasi:messaging/types@0.2.0-draft#[method]message.topic")]
extern "C" fn topic(number: u32) -> *const usize {
    let found = with(number, |message| message.topic.as_deref().map(parts));
    give(found.map_or([0; 4], |[address, length]| [1, address, length, 0]))
}

#[unsafe(export_name = "wasi:messaging/types@0.2.0-draft#[method]message.content-type")]
extern "C" fn content_type(number: u32) -> *const usize {
    let found = with(number, |message| message.content.content_type.as_deref().map(parts));
    give(found.map_or([0; 4], |[address, length]| [1, address, length, 0]))
}

#[unsafe(export_name = "wasi:messaging/types@0.2.0-draft#[method]message.set-content-type")]
unsafe extern "C" fn set_content_type(number: u32, address: *mut u8, length: usize) {
    // SAFETY: this component owns the string.
    let content_type = unsafe { text(address, length) };
    with(number, |message| message.content.content_type = Some(content_type));
}

#[unsafe(export_name = "wasi:messaging/types@0.2.0-draft#[method]message.data")]
extern "C" fn data(number: u32) -> *const usize {
    // The data is always one piece, because it arrives as one list.
    let piece = |message: &mut Message| {
        let piece = message.content.data.pieces().next();
        piece.map(|bytes| [bytes.as_ptr() as usize, bytes.len()])
    };
    let [address, length] = with(number, piece).unwrap_or([1, 0]);
    give([address, length, 0, 0])
}

#[unsafe(export_name = "wasi:messaging/types@0.2.0-draft#[method]message.set-data")]
unsafe extern "C" fn set_data(number: u32, address: *mut u8, length: usize) {
    // SAFETY: this component owns the list.
    let data = unsafe { list(address, length) };
    with(number, |message| message.content.data = data.into());
}

#[unsafe(export_name = "wasi:messaging/types@0.2.0-draft#[method]message.metadata")]
extern "C" fn get_metadata(number: u32) -> *const usize {
    // SAFETY: the caller has read the result before this one.
    let pairs = unsafe { &mut *RETURNED.pairs.get() };
    pairs.clear();
    with(number, |message| {
        message.say();
        pairs.extend(message.content.metadata.iter().map(|(key, value)| {
            let ([key, key_length], [value, value_length]) = (parts(key), parts(value));
            [key, key_length, value, value_length]
        }));
    });
    if pairs.is_empty() { give([0; 4]) } else { give([1, pairs.as_ptr() as usize, pairs.len(), 0]) }
}

#[unsafe(export_name = "wasi:messaging/types@0.2.0-draft#[method]message.add-metadata")]
unsafe extern "C" fn add_metadata(number: u32, key: *mut u8, key_length: usize, value: *mut u8, value_length: usize) {
    // SAFETY: this component owns the strings.
    let (key, value) = unsafe { (text(key, key_length), text(value, value_length)) };
    with(number, |message| {
        message.say();
        message.content.metadata.retain(|(name, _)| *name != key);
        message.content.metadata.push((key, value));
    });
}

#[unsafe(export_name = "wasi:messaging/types@0.2.0-draft#[method]message.set-metadata")]
unsafe extern "C" fn set_metadata(number: u32, pairs: *mut [usize; 4], length: usize) {
    // SAFETY: this component owns the list.
    let pairs = unsafe { list(pairs, length) };
    let entry = |[key, key_length, value, value_length]: [usize; 4]| {
        // SAFETY: this component owns the strings of the list.
        unsafe { (text(key as *mut u8, key_length), text(value as *mut u8, value_length)) }
    };
    let entries: metadata::Metadata = pairs.into_iter().map(entry).collect();
    with(number, |message| {
        message.unsaid = false;
        message.content.metadata = entries;
    });
}

#[unsafe(export_name = "wasi:messaging/types@0.2.0-draft#[method]message.remove-metadata")]
unsafe extern "C" fn remove_metadata(number: u32, key: *mut u8, length: usize) {
    // SAFETY: this component owns the string.
    let key = unsafe { text(key, length) };
    with(number, |message| {
        message.say();
        message.content.metadata.retain(|(name, _)| *name != key);
    });
}

fn parts(text: &str) -> [usize; 2] {
    [text.as_ptr() as usize, text.len()]
}
