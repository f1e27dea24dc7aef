;; A filter that does nothing: it takes each message from the host, and passes it to the guest. What it costs is the floor
;; of what an interceptor can cost. `cargo xtask bench calls` composes guests with it.
(component
  (type $types-of-messaging (instance
    (export "message" (type (sub resource)))
    (type $failure (variant
      (case "timeout") (case "connection" string) (case "permission-denied" string) (case "other" string)))
    (export "error" (type (eq $failure)))
  ))
  (import "wasi:messaging/types@0.2.0-draft" (instance $types (type $types-of-messaging)))
  (alias export $types "message" (type $message))
  (alias export $types "error" (type $error))

  (type $handler (instance
    (alias outer 1 $message (type $outer-message))
    (export "message" (type $message (eq $outer-message)))
    (alias outer 1 $error (type $outer-error))
    (export "error" (type $error (eq $outer-error)))
    (export "handle" (func (param "message" (own $message)) (result (result (error $error)))))
  ))
  (import "wasi:messaging/incoming-handler@0.2.0-draft" (instance $guest (type $handler)))
  (alias export $guest "handle" (func $handle))

  ;; The memory through which the guest's result passes. Only an error has a text, and there is room for one.
  (core module $memory
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (if (i32.gt_u (local.get 3) (i32.const 32768)) (then unreachable))
      i32.const 1024)
  )
  (core instance $memory (instantiate $memory))
  (core func $lowered (canon lower (func $handle)
    (memory $memory "memory") (realloc (func $memory "realloc"))))
  (core module $main
    (import "guest" "handle" (func $handle (param i32 i32)))
    (func (export "handle") (param $message i32) (result i32)
      (call $handle (local.get $message) (i32.const 16))
      i32.const 16)
  )
  (core instance $main (instantiate $main (with "guest" (instance (export "handle" (func $lowered))))))
  (func $filtered (param "message" (own $message)) (result (result (error $error)))
    (canon lift (core func $main "handle") (memory $memory "memory")))
  (instance $filter
    (export "message" (type $message))
    (export "error" (type $error))
    (export "handle" (func $filtered)))
  (export "wasi:messaging/incoming-handler@0.2.0-draft" (instance $filter))
)
