;; Answers by the letter that its path begins with:
;;
;;   /trap            traps
;;   /late            answers, and then traps
;;   /none            sets no response
;;   /refuse          sets an error in place of a response
;;   /env             with the value of the first environment variable
;;   /config/KEY      with a value of `wasi:config/store`, or 404
;;   /with/AUTHORITY  with the status that `http://AUTHORITY/` answers, or 502
;;   /secure/AUTHORITY  the same with `https`
;;   /keep            counts in key `kept` of the key-value store
;;   anything else    with its path
(module
  (import "wasi:cli/environment@0.2.0" "get-environment" (func $environment (param i32)))
  (import "wasi:config/store@0.2.0-rc.1" "get" (func $config (param i32 i32 i32)))
  (import "wasi:keyvalue/store@0.2.0-draft" "open" (func $open (param i32 i32 i32)))
  (import "wasi:keyvalue/atomics@0.2.0-draft" "increment" (func $increment (param i32 i32 i32 i64 i32)))
  (import "wasi:io/poll@0.2.0" "[method]pollable.block" (func $block (param i32)))
  (import "wasi:io/streams@0.2.0" "[method]output-stream.blocking-write-and-flush"
    (func $write (param i32 i32 i32 i32)))
  (import "wasi:io/streams@0.2.0" "[resource-drop]output-stream" (func $close (param i32)))
  (import "wasi:http/outgoing-handler@0.2.0" "handle" (func $send (param i32 i32 i32 i32)))
  (import "wasi:http/types@0.2.0" "[method]incoming-request.path-with-query" (func $path (param i32 i32)))
  (import "wasi:http/types@0.2.0" "[constructor]fields" (func $fields (result i32)))
  (import "wasi:http/types@0.2.0" "[constructor]outgoing-request" (func $request (param i32) (result i32)))
  (import "wasi:http/types@0.2.0" "[method]outgoing-request.set-scheme"
    (func $scheme (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi:http/types@0.2.0" "[method]outgoing-request.set-authority"
    (func $authority (param i32 i32 i32 i32) (result i32)))
  (import "wasi:http/types@0.2.0" "[method]outgoing-request.set-path-with-query"
    (func $set-path (param i32 i32 i32 i32) (result i32)))
  (import "wasi:http/types@0.2.0" "[method]future-incoming-response.subscribe"
    (func $subscribe (param i32) (result i32)))
  (import "wasi:http/types@0.2.0" "[method]future-incoming-response.get" (func $get (param i32 i32)))
  (import "wasi:http/types@0.2.0" "[method]incoming-response.status" (func $status (param i32) (result i32)))
  (import "wasi:http/types@0.2.0" "[constructor]outgoing-response" (func $response (param i32) (result i32)))
  (import "wasi:http/types@0.2.0" "[method]outgoing-response.set-status-code"
    (func $set-status (param i32 i32) (result i32)))
  (import "wasi:http/types@0.2.0" "[method]outgoing-response.body" (func $body (param i32 i32)))
  (import "wasi:http/types@0.2.0" "[static]response-outparam.set"
    (func $set (param i32 i32 i32 i32 i64 i32 i32 i32 i32)))
  (import "wasi:http/types@0.2.0" "[method]outgoing-body.write" (func $stream (param i32 i32)))
  (import "wasi:http/types@0.2.0" "[static]outgoing-body.finish" (func $finish (param i32 i32 i32 i32)))

  ;; Results are written to the first 64 bytes; what the host gives goes behind 1024.
  (memory (export "memory") 1)
  (data (i32.const 100) "default")
  (data (i32.const 110) "kept")
  (data (i32.const 120) "/")
  (global $free (mut i32) (i32.const 1024))

  (func (export "cabi_realloc") (param i32 i32 i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (global.get $free))
    ;; Everything is aligned to 8, and nothing is given back.
    (global.set $free
      (i32.and (i32.add (i32.add (local.get $at) (local.get $size)) (i32.const 7)) (i32.const -8)))
    (local.get $at))

  ;; Answers with a status and a body.
  (func $answer (param $out i32) (param $code i32) (param $at i32) (param $length i32)
    (local $response i32) (local $body i32) (local $stream i32)
    (local.set $response (call $response (call $fields)))
    (drop (call $set-status (local.get $response) (local.get $code)))
    (call $body (local.get $response) (i32.const 0))
    (local.set $body (i32.load (i32.const 4)))
    (call $stream (local.get $body) (i32.const 0))
    (local.set $stream (i32.load (i32.const 4)))
    (call $set (local.get $out) (i32.const 0) (local.get $response)
      (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
    (call $write (local.get $stream) (local.get $at) (local.get $length) (i32.const 0))
    (call $close (local.get $stream))
    (call $finish (local.get $body) (i32.const 0) (i32.const 0) (i32.const 0)))

  ;; The status that an authority answers, or 502.
  (func $fetch (param $scheme i32) (param $at i32) (param $length i32) (result i32)
    (local $request i32) (local $future i32)
    (local.set $request (call $request (call $fields)))
    (drop (call $scheme (local.get $request) (i32.const 1) (local.get $scheme) (i32.const 0) (i32.const 0)))
    (drop (call $authority (local.get $request) (i32.const 1) (local.get $at) (local.get $length)))
    (drop (call $set-path (local.get $request) (i32.const 1) (i32.const 120) (i32.const 1)))
    (call $send (local.get $request) (i32.const 0) (i32.const 0) (i32.const 0))
    (if (i32.load8_u (i32.const 0)) (then (return (i32.const 502))))
    (local.set $future (i32.load (i32.const 8)))
    (call $block (call $subscribe (local.get $future)))
    (call $get (local.get $future) (i32.const 0))
    (if (i32.load8_u (i32.const 16)) (then (return (i32.const 502))))
    (call $status (i32.load (i32.const 24))))

  (func (export "wasi:http/incoming-handler@0.2.0#handle") (param $request i32) (param $out i32)
    (local $at i32) (local $length i32) (local $letter i32) (local $bucket i32)
    (call $path (local.get $request) (i32.const 0))
    (local.set $at (i32.load (i32.const 4)))
    (local.set $length (i32.load (i32.const 8)))
    (local.set $letter (i32.load8_u offset=1 (local.get $at)))
    (if (i32.eq (local.get $letter) (i32.const 0x74 (; t ;))) (then unreachable))
    (if (i32.eq (local.get $letter) (i32.const 0x6c (; l ;)))
      (then
        (call $answer (local.get $out) (i32.const 200) (local.get $at) (local.get $length))
        unreachable))
    (if (i32.eq (local.get $letter) (i32.const 0x6e (; n ;))) (then return))
    (if (i32.eq (local.get $letter) (i32.const 0x72 (; r ;)))
      (then
        ;; The last but one of the errors: `configuration-error`.
        (call $set (local.get $out) (i32.const 1) (i32.const 37)
          (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
        return))
    (if (i32.eq (local.get $letter) (i32.const 0x65 (; e ;)))
      (then
        (call $environment (i32.const 0))
        (local.set $at (i32.load (i32.const 0)))
        (call $answer (local.get $out) (i32.const 200)
          (i32.load offset=8 (local.get $at)) (i32.load offset=12 (local.get $at)))
        return))
    (if (i32.eq (local.get $letter) (i32.const 0x63 (; c ;)))
      (then
        (call $config
          (i32.add (local.get $at) (i32.const 8)) (i32.sub (local.get $length) (i32.const 8)) (i32.const 0))
        (if (i32.load8_u (i32.const 4))
          (then (call $answer (local.get $out) (i32.const 200) (i32.load (i32.const 8)) (i32.load (i32.const 12))))
          (else (call $answer (local.get $out) (i32.const 404) (i32.const 0) (i32.const 0))))
        return))
    (if (i32.eq (local.get $letter) (i32.const 0x77 (; w ;)))
      (then
        (call $answer (local.get $out)
          (call $fetch (i32.const 0)
            (i32.add (local.get $at) (i32.const 6)) (i32.sub (local.get $length) (i32.const 6)))
          (i32.const 0) (i32.const 0))
        return))
    (if (i32.eq (local.get $letter) (i32.const 0x73 (; s ;)))
      (then
        (call $answer (local.get $out)
          (call $fetch (i32.const 1)
            (i32.add (local.get $at) (i32.const 8)) (i32.sub (local.get $length) (i32.const 8)))
          (i32.const 0) (i32.const 0))
        return))
    (if (i32.eq (local.get $letter) (i32.const 0x6b (; k ;)))
      (then
        (call $open (i32.const 100) (i32.const 7) (i32.const 0))
        (local.set $bucket (i32.load (i32.const 4)))
        (call $increment (local.get $bucket) (i32.const 110) (i32.const 4) (i64.const 1) (i32.const 0))))
    (call $answer (local.get $out) (i32.const 200) (local.get $at) (local.get $length))))
