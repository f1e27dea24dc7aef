//! Tasks: calls of exported async functions, each with the work that it has left.

use alloc::{boxed::Box, vec::Vec};
use core::{
    cell::Cell,
    future::Future,
    mem,
    pin::Pin,
    ptr,
    task::{Context, Poll, Waker},
};

/// The kind of an event that is none: the task begins.
const NONE: u32 = 0;

/// The kind of an event that cancels the task.
const CANCEL: u32 = 6;

/// What a callback returns: the task is over.
const EXIT: u32 = 0;

/// What a callback returns, with the waitable set in the upper bits: the task waits for an event.
const WAIT: u32 = 2;

#[link(wasm_import_module = "$root")]
unsafe extern "C" {
    #[link_name = "[context-get-0]"]
    fn context() -> *mut u8;
    #[link_name = "[context-set-0]"]
    fn set_context(task: *mut u8);
    #[link_name = "[waitable-set-new]"]
    fn new_set() -> u32;
    #[link_name = "[waitable-set-drop]"]
    fn drop_set(set: u32);
    #[link_name = "[waitable-join]"]
    fn join(waitable: u32, set: u32);
}

#[link(wasm_import_module = "[export]$root")]
unsafe extern "C" {
    #[link_name = "[task-cancel]"]
    fn cancel();
}

type Work = Pin<Box<dyn Future<Output = ()>>>;

struct Task {
    work: Vec<Work>,
    /// The set of what is waited for; 0 before the first wait.
    set: u32,
    /// Events that have come and are not taken yet: the waitable and the code.
    events: Vec<(u32, u32)>,
}

/// The task that runs. An instance has one thread.
struct Current(Cell<*mut Task>);

// SAFETY: a component instance has one thread.
unsafe impl Sync for Current {}

static CURRENT: Current = Current(Cell::new(ptr::null_mut()));

/// Runs `work` as a task, as far as it comes. Returns what the callback would.
pub fn start_task(work: impl Future<Output = ()> + 'static) -> i32 {
    let task = Box::new(Task { work: Vec::from([Box::pin(work) as Work]), set: 0, events: Vec::new() });
    run(Box::into_raw(task)).cast_signed()
}

/// Runs the task of this call further, after an event.
///
/// # Safety
///
/// The engine calls this for a task that [`start_task`] left waiting.
pub unsafe fn callback(kind: u32, waitable: u32, code: u32) -> u32 {
    // SAFETY: `run` has put a task there.
    let task = unsafe { context() }.cast();
    if kind == CANCEL {
        end(task);
        return EXIT;
    }
    if kind != NONE {
        // SAFETY: the task is not running.
        unsafe { (*task).events.push((waitable, code)) };
    }
    run(task)
}

/// Polls all work of a task. Each event concerns one piece of work, and a poll of another one is cheap.
fn run(task: *mut Task) -> u32 {
    let before = CURRENT.0.replace(task);
    let context = &mut Context::from_waker(Waker::noop());
    let mut left = Vec::new();
    loop {
        // SAFETY: `task` is alive until `end`, and no other reference to it lasts across a poll.
        let work = unsafe { mem::take(&mut (*task).work) };
        if work.is_empty() {
            break;
        }
        // What is spawned meanwhile is polled in the next turn.
        left.extend(work.into_iter().filter_map(|mut work| match work.as_mut().poll(context) {
            Poll::Ready(()) => None,
            Poll::Pending => Some(work),
        }));
    }
    CURRENT.0.set(before);
    if left.is_empty() {
        end(task);
        return EXIT;
    }
    // SAFETY: as above.
    unsafe {
        (*task).work = left;
        set_context(task.cast());
        WAIT | (*task).set << 4
    }
}

/// Drops a task and its work. Dropping what still waits cancels it.
fn end(task: *mut Task) {
    let before = CURRENT.0.replace(task);
    // SAFETY: `start_task` made the box, and nobody uses it afterwards.
    unsafe {
        // In order: what was spawned serves the work before it.
        for work in mem::take(&mut (*task).work) {
            drop(work);
        }
        CURRENT.0.set(before);
        let Task { set, .. } = *Box::from_raw(task);
        if set != 0 {
            drop_set(set);
        }
    }
}

/// Adds work to the task that runs. The task ends when all of its work is done.
pub fn spawn(work: impl Future<Output = ()> + 'static) {
    // SAFETY: this is called by work of a task.
    unsafe { (*CURRENT.0.get()).work.push(Box::pin(work)) };
}

/// Something that the task waits for.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    joined: bool,
}

impl Waiting {
    /// Returns the code of the waitable's event, if it has come. Otherwise it wakes the task when it comes.
    pub(crate) fn event(&mut self, waitable: u32) -> Option<u32> {
        let event = self.take(waitable);
        if event.is_none() && !mem::replace(&mut self.joined, true) {
            // SAFETY: this is called by work of a task, and the waitable belongs to the caller.
            unsafe {
                let task = CURRENT.0.get();
                if (*task).set == 0 {
                    (*task).set = new_set();
                }
                join(waitable, (*task).set);
            }
        }
        event
    }

    /// Returns the code of an event that has come. Nothing wakes the task for a later one: what is in a set must not be
    /// cancelled.
    pub(crate) fn last(&mut self, waitable: u32) -> Option<u32> {
        let event = self.take(waitable);
        self.leave(waitable);
        event
    }

    /// Takes an event that has come. Then the waitable leaves the set, which must be empty when it is dropped.
    fn take(&mut self, waitable: u32) -> Option<u32> {
        // SAFETY: work of a task calls this, or the task ends; the reference ends here.
        let task = unsafe { CURRENT.0.get().as_mut() }?;
        let at = task.events.iter().position(|(of, _)| *of == waitable)?;
        let (_, code) = task.events.swap_remove(at);
        self.leave(waitable);
        Some(code)
    }

    fn leave(&mut self, waitable: u32) {
        if mem::replace(&mut self.joined, false) {
            // SAFETY: the waitable belongs to the caller.
            unsafe { join(waitable, 0) };
        }
    }
}

/// Tells the caller that the call is cancelled, if it is dropped before the call has returned.
pub struct TaskCancelOnDrop(());

impl TaskCancelOnDrop {
    /// Begins.
    #[expect(clippy::new_without_default, reason = "generated code calls it")]
    pub fn new() -> Self {
        Self(())
    }

    /// The call returns now.
    pub fn forget(self) {
        mem::forget(self);
    }
}

impl Drop for TaskCancelOnDrop {
    fn drop(&mut self) {
        // SAFETY: the engine has cancelled the task that runs, and it has not returned.
        unsafe { cancel() };
    }
}
