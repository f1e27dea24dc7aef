;; What both labs have. A lab does what the first byte of a message says:
;;
;;   c   counts: sends the number of messages that this instance has counted to `counts`
;;   p   sends the pages of its memory to `counts`
;;   s   waits for a millisecond, and then counts
;;   w   waits until another message has counted, and then counts
;;   b   returns, and traps a millisecond later
;;   e   fails
;;   t   traps
;;
;; Numbers are sent as four bytes, the lowest first. A sync lab waits in `s` as its dialect lets it, and has neither `w`
;; nor `b`.
  (import "wasi:messaging/types@0.2.0-draft" "[static]client.connect" (func $connect (param i32 i32 i32)))
  (import "wasi:messaging/types@0.2.0-draft" "[resource-drop]client" (func $drop-client (param i32)))
  (import "wasi:messaging/types@0.2.0-draft" "[constructor]message" (func $message (param i32 i32) (result i32)))
  (import "wasi:messaging/types@0.2.0-draft" "[method]message.data" (func $data (param i32 i32)))
  (import "wasi:messaging/types@0.2.0-draft" "[resource-drop]message" (func $drop-message (param i32)))
  (import "wasi:messaging/producer@0.2.0-draft" "send" (func $send (param i32 i32 i32 i32 i32)))

  ;; Results are written to the first 64 bytes; what the host gives goes behind 1024, over what it gave before.
  (memory (export "memory") 1)
  (data (i32.const 100) "counts")
  (data (i32.const 110) "no")
  (global $count (mut i32) (i32.const 0))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))

  ;; The command of a message, which is used up.
  (func $command (param $message i32) (result i32)
    (call $data (local.get $message) (i32.const 0))
    (call $drop-message (local.get $message))
    (i32.load8_u (i32.load (i32.const 0))))

  (func $publish (param $number i32)
    (local $client i32)
    (call $connect (i32.const 100) (i32.const 6) (i32.const 0))
    (local.set $client (i32.load (i32.const 4)))
    (i32.store (i32.const 64) (local.get $number))
    (call $send (local.get $client) (i32.const 100) (i32.const 6) (call $message (i32.const 64) (i32.const 4))
      (i32.const 0))
    (if (i32.load8_u (i32.const 0)) (then unreachable))
    (call $drop-client (local.get $client)))

  (func $counted
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (call $publish (global.get $count)))

  ;; Carries out what needs no waiting; gives 1 for an error.
  (func $perform (param $command i32) (result i32)
    (if (i32.eq (local.get $command) (i32.const 99 (;c;))) (then (call $counted) (return (i32.const 0))))
    (if (i32.eq (local.get $command) (i32.const 112 (;p;))) (then (call $publish (memory.size)) (return (i32.const 0))))
    (if (i32.eq (local.get $command) (i32.const 101 (;e;))) (then (return (i32.const 1))))
    unreachable)
