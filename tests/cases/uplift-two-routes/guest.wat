(component
  (component $guest
    (core module $m (func (export "handle")))
    (core instance $i (instantiate $m))
    (func $f (canon lift (core func $i "handle")))
    (instance $h (export "handle" (func $f)))
    (export "wasi:messaging/incoming-handler@0.2.0-draft" (instance $h))
  )
  (component $retry
    (import "wasi:messaging/incoming-handler@0.2.0-draft" (instance $h (export "handle" (func))))
    (core module $m (import "" "handle" (func)))
    (core func $handle (canon lower (func $h "handle")))
    (core instance (instantiate $m (with "" (instance (export "handle" (func $handle))))))
  )
  (instance $h (instantiate $guest))
  (alias export $h "wasi:messaging/incoming-handler@0.2.0-draft" (instance $handler))
  (instance (instantiate $retry (with "wasi:messaging/incoming-handler@0.2.0-draft" (instance $handler))))
  (export "wasi:messaging/incoming-handler@0.2.0-draft" (instance $handler))
)
