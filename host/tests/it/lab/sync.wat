;; A lab whose `handle` is lifted sync: one call at a time.
  (import "wasi:clocks/monotonic-clock@0.3.0" "wait-for" (func $wait-for (param i64)))

  (func (export "wasi:messaging/incoming-handler@0.2.0-draft#handle") (param $message i32) (result i32)
    (local $command i32)
    (local.set $command (call $command (local.get $message)))
    (if (i32.eq (local.get $command) (i32.const 115 (;s;)))
      (then (call $wait-for (i64.const 1000000)) (local.set $command (i32.const 99 (;c;)))))
    (i32.store (i32.const 16) (call $perform (local.get $command)))
    ;; `other("no")`, if it is an error.
    (i32.store (i32.const 20) (i32.const 3))
    (i32.store (i32.const 24) (i32.const 110))
    (i32.store (i32.const 28) (i32.const 2))
    (i32.const 16))
