(component
  (import "unlocked-dep=<t:guest>" (component
    (import "wasi:messaging/producer@0.2.0-draft" (instance (export "send" (func))))
  ))
)
