//! Bindings to the part's world. With the feature `program`, the part also imports the guest's own program.

macro_rules! generate {
    ($world:tt) => {
        wit_bindgen::generate!({
            path: ["../../../wit/cli", "../../../wit/messaging", "../../../wit/broker"],
            inline: "
                package msgcompose:broker-worker;
                world worker {
                    import msgcompose:broker/deliveries@0.1.0;
                    import wasi:messaging/incoming-handler@0.2.0-draft;
                    export wasi:cli/run@0.2.0;
                }
                world program-worker {
                    include worker;
                    import wasi:cli/run@0.2.0;
                }
            ",
            world: $world,
            with: { "wasi:messaging/types@0.2.0-draft": imports::messaging::types },
            additional_derives: [Default],
            generate_all,
        });
    };
}

#[cfg(not(feature = "program"))]
generate!("msgcompose:broker-worker/worker");
#[cfg(feature = "program")]
generate!("msgcompose:broker-worker/program-worker");
