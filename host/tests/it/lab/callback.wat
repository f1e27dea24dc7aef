;; A lab whose `handle` is lifted async, with a callback: a call that waits lets others in.
  (import "wasi:clocks/monotonic-clock@0.3.0" "[async-lower]wait-for" (func $wait-for (param i64) (result i32)))
  (import "[export]wasi:messaging/incoming-handler@0.2.0-draft" "[task-return]handle"
    (func $return (param i32 i32 i32 i32)))
  (import "$root" "[waitable-set-new]" (func $set (result i32)))
  (import "$root" "[waitable-set-drop]" (func $drop-set (param i32)))
  (import "$root" "[waitable-join]" (func $join (param i32 i32)))
  (import "$root" "[subtask-drop]" (func $drop-subtask (param i32)))
  (import "$root" "[context-get-0]" (func $get-context (result i32)))
  (import "$root" "[context-set-0]" (func $set-context (param i32)))

  ;; Waits for a millisecond in a call that goes on in the callback. The context is the set and the command.
  (func $wait (param $set i32) (param $command i32) (result i32)
    (call $join (i32.shr_u (call $wait-for (i64.const 1000000)) (i32.const 4)) (local.get $set))
    (call $set-context (i32.or (i32.shl (local.get $set) (i32.const 8)) (local.get $command)))
    (i32.or (i32.shl (local.get $set) (i32.const 4)) (i32.const 2)))

  ;; Returns from the call, with `other("no")` if that is an error.
  (func $end (param $error i32)
    (call $return (local.get $error) (i32.const 3) (i32.const 110) (i32.const 2)))

  (func (export "[async-lift]wasi:messaging/incoming-handler@0.2.0-draft#handle") (param $message i32) (result i32)
    (local $command i32)
    (local.set $command (call $command (local.get $message)))
    (if (i32.eq (local.get $command) (i32.const 98 (;b;))) (then (call $end (i32.const 0))))
    (if (i32.or (i32.eq (local.get $command) (i32.const 115 (;s;)))
          (i32.or (i32.eq (local.get $command) (i32.const 119 (;w;))) (i32.eq (local.get $command) (i32.const 98 (;b;)))))
      (then (return (call $wait (call $set) (local.get $command)))))
    (call $end (call $perform (local.get $command)))
    (i32.const 0))

  (func (export "[callback][async-lift]wasi:messaging/incoming-handler@0.2.0-draft#handle")
    (param $event i32) (param $subtask i32) (param $state i32) (result i32)
    (local $set i32) (local $command i32)
    (call $drop-subtask (local.get $subtask))
    (local.set $set (i32.shr_u (call $get-context) (i32.const 8)))
    (local.set $command (i32.and (call $get-context) (i32.const 255)))
    (if (i32.eq (local.get $command) (i32.const 98 (;b;))) (then unreachable))
    (if (i32.and (i32.eq (local.get $command) (i32.const 119 (;w;))) (i32.eqz (global.get $count)))
      (then (return (call $wait (local.get $set) (local.get $command)))))
    (call $drop-set (local.get $set))
    (call $counted)
    (call $end (i32.const 0))
    (i32.const 0))
