use crate::Mailbox;
use imports::messaging::types::{Error, Message};
use reqreply::{
    envelope, id,
    mailbox::{Admission, Drop, admission, counter_key, slot_key},
    metadata,
};
use support::Config;
use trace::trace;

/// Puts a message from the reply topic into the mailbox of the request that it answers. A reply that nobody waits for
/// is counted and dropped: an error would make a broker deliver it for ever. An error is the store's.
pub fn deliver(config: &'static Config, reply: &Message) -> Result<(), Error> {
    let mailbox = Mailbox::open(config)?;
    if let Err(reason) = store(&mailbox, reply)? {
        trace!("reply dropped: ", reason.name());
        mailbox.count(reason);
    }
    Ok(())
}

fn store(mailbox: &Mailbox, reply: &Message) -> Result<Result<(), Drop>, Error> {
    let metadata = reply.metadata().unwrap_or_default();
    let Some(id) = metadata::get(&metadata, mailbox.config.text("correlation-id-key")).filter(|id| id::is_valid(id))
    else {
        return Ok(Err(Drop::Malformed));
    };
    let counter = counter_key(mailbox.prefix(), id);
    // Looked up first: an increment would make a counter for every id that anybody cares to send.
    if !mailbox.exists(&counter)? {
        return Ok(Err(Drop::Unknown));
    }
    let slot = match admission(mailbox.increment(&counter, 1)?) {
        Admission::Slot(slot) => slot,
        Admission::Closing => return Ok(Err(Drop::Unknown)),
        Admission::Gone => {
            mailbox.delete(&counter)?;
            return Ok(Err(Drop::Unknown));
        }
    };
    trace!("reply for correlation=", id, " slot=", slot);
    if slot > mailbox.config.number("max-replies") {
        return Ok(Err(Drop::Surplus));
    }
    let key = slot_key(mailbox.prefix(), id, slot);
    mailbox.set(&key, &envelope::encode(reply.content_type().as_deref(), &metadata, &reply.data()))?;
    // Closed meanwhile? Then the requester has taken this reply out, or tidied up before it was there.
    if !mailbox.exists(&counter)? && mailbox.take(&key)?.is_some() {
        return Ok(Err(Drop::Unknown));
    }
    Ok(Ok(()))
}
