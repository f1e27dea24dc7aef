//! Bindings to the part's world. The responder exports `request-reply` without `request`, so it fits only guests that
//! do not request.

#[cfg(feature = "keyvalue")]
wit_bindgen::generate!({
    path: "../../../wit/messaging",
    inline: "
        package msgcompose:reqreply;
        world provider {
            export wasi:messaging/request-reply@0.2.0-draft;
        }
    ",
    world: "msgcompose:reqreply/provider",
    with: { "wasi:messaging/types@0.2.0-draft": imports::messaging::types },
});

#[cfg(feature = "memory-mixed")]
wit_bindgen::generate!({
    path: ["../../../wit/messaging-mixed", "../../../wit/reqreply-mailbox"],
    inline: "
        package msgcompose:reqreply-memory;
        world provider {
            export wasi:messaging/request-reply@0.2.0-draft;
            export msgcompose:reqreply/mailbox@0.1.0;
            export msgcompose:reqreply/statistics@0.1.0;
        }
    ",
    world: "msgcompose:reqreply-memory/provider",
    with: { "wasi:messaging/types@0.2.0-draft": imports::messaging::types },
});

#[cfg(feature = "memory-async")]
wit_bindgen::generate!({
    path: ["../../../wit/messaging-async", "../../../wit/reqreply-mailbox"],
    inline: "
        package msgcompose:reqreply-memory;
        world provider {
            export wasi:messaging/request-reply@0.2.0-draft;
            export msgcompose:reqreply/mailbox@0.1.0;
            export msgcompose:reqreply/statistics@0.1.0;
        }
    ",
    world: "msgcompose:reqreply-memory/provider",
    with: { "wasi:messaging/types@0.2.0-draft": imports::messaging::types },
});

#[cfg(not(feature = "requester"))]
wit_bindgen::generate!({
    path: "responder.wit",
    inline: "
        package msgcompose:reqreply;
        world responder {
            export wasi:messaging/request-reply@0.2.0-draft;
        }
    ",
    world: "msgcompose:reqreply/responder",
    with: { "wasi:messaging/types@0.2.0-draft": imports::messaging::types },
});
