//! The world of this part.

#[cfg(feature = "env")]
wit_bindgen::generate!({
    path: ["../../../wit/config", "../../../wit/config-baked", "../../../wit/cli"],
    inline: "
        package msgcompose:config-layer;
        world env {
            import msgcompose:config/baked@0.1.0;
            import wasi:cli/environment@0.2.0;
            export wasi:config/store@0.2.0-rc.1;
        }
    ",
    world: "msgcompose:config-layer/env",
    generate_all,
});

#[cfg(feature = "host")]
wit_bindgen::generate!({
    path: ["../../../wit/config", "../../../wit/config-baked"],
    inline: "
        package msgcompose:config-layer;
        world host {
            import msgcompose:config/baked@0.1.0;
            import wasi:config/store@0.2.0-rc.1;
            export wasi:config/store@0.2.0-rc.1;
        }
    ",
    world: "msgcompose:config-layer/host",
    generate_all,
});
