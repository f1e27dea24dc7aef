use crate::Mailbox;
use imports::messaging::types::{Error, Message};
use reqreply::{
    envelope, id,
    mailbox::{Admission, Drop, admission, counter_key, slot_key},
    metadata,
};
use support::Config;
use trace::trace;

/// Puts a reply into the mailbox of the request that it answers.
///
/// A reply without a waiting request is counted and dropped, because an error would make a broker deliver it forever.
/// Errors are those of the store.
pub fn deliver(config: &'static Config, reply: &Message) -> Result<(), Error> {
    let mailbox = Mailbox::open(config)?;
    if let Err(reason) = store(&mailbox, reply)? {
        trace!("reply dropped: ", reason.name());
        mailbox.count(reason, 1);
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
    // Checked first, because an increment would create a counter for every id that anyone sends.
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
    if slot > mailbox.slots() {
        return Ok(Err(Drop::Surplus));
    }
    let key = slot_key(mailbox.prefix(), id, slot);
    mailbox.set(&key, &envelope::encode(reply.content_type().as_deref(), &metadata, &reply.data()))?;
    // If the request was removed meanwhile, nobody looks at this slot again. Whoever closed it has counted the reply.
    if !mailbox.exists(&counter)? {
        trace!("the request is gone, correlation=", id);
        mailbox.delete(&key)?;
    }
    Ok(Ok(()))
}
