;; A `wasi:config/store` with baked options. `config.rs` fills in what is in braces.
;;
;; The memory holds, in this order:
;;    0: the result of `get-all`: discriminant, address of the list, its length; 16 bytes, because of the error case
;;   16: the result of `get`: discriminant, discriminant of the option, address of the text, its length
;;   32: the pairs, 16 bytes each: the addresses and lengths of two strings
;;   behind {end}: the strings
;;   at {argument}: the argument of `get`
(component
    (core module $store
        (type $all (func (result i32)))
        (type $one (func (param i32 i32) (result i32)))
        (type $allocate (func (param i32 i32 i32 i32) (result i32)))

        ;; The result lies in memory.
        (func $get-all (type $all) (i32.const 0))

        ;; Goes through the pairs.
        (func $get (type $one) (param $key i32) (param $length i32) (result i32) (local $pair i32) (local $index i32)
            ;; None, until it is found.
            (i32.store (i32.const 20) (i32.const 0))
            (local.set $pair (i32.const 32))
            (block $done
                (loop $next
                    (br_if $done (i32.ge_u (local.get $pair) (i32.const {end})))
                    (block $other
                        ;; Another length, another key.
                        (br_if $other (i32.ne (i32.load offset=4 (local.get $pair)) (local.get $length)))
                        (local.set $index (i32.const 0))
                        (block $equal
                            (loop $byte
                                (br_if $equal (i32.eq (local.get $index) (local.get $length)))
                                (br_if $other (i32.ne
                                    (i32.load8_u (i32.add (local.get $key) (local.get $index)))
                                    (i32.load8_u (i32.add (i32.load (local.get $pair)) (local.get $index)))))
                                (local.set $index (i32.add (local.get $index) (i32.const 1)))
                                (br $byte)))
                        (i32.store (i32.const 20) (i32.const 1))
                        (i32.store (i32.const 24) (i32.load offset=8 (local.get $pair)))
                        (i32.store (i32.const 28) (i32.load offset=12 (local.get $pair)))
                        (br $done))
                    (local.set $pair (i32.add (local.get $pair) (i32.const 16)))
                    (br $next)))
            (i32.const 16))

        ;; The only thing ever allocated is the argument of `get`, so its place is always the same. The memory grows for
        ;; one that is longer than what is left.
        (func $realloc (type $allocate) (param $old i32) (param $old-size i32) (param $align i32) (param $size i32)
            (result i32)
            (block $fits
                (loop $grow
                    (br_if $fits (i64.le_u
                        (i64.add (i64.extend_i32_u (local.get $size)) (i64.const {argument}))
                        (i64.shl (i64.extend_i32_u (memory.size)) (i64.const 16))))
                    (br_if $grow (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))
                    (unreachable)))
            (i32.const {argument}))

        (memory $memory {pages})
        (export "get-all" (func $get-all))
        (export "get" (func $get))
        (export "realloc" (func $realloc))
        (export "memory" (memory $memory))
        (data (i32.const 0) "{data}"))

    (core instance $store (instantiate $store))
    (alias core export $store "get" (core func $get))
    (alias core export $store "get-all" (core func $get-all))
    (alias core export $store "realloc" (core func $realloc))
    (alias core export $store "memory" (core memory $memory))

    (type $cases (variant (case "upstream" string) (case "io" string)))
    (export $error "error" (type $cases))
    (type $found (option string))
    (type $get-result (result $found (error $error)))
    (type $get-type (func (param "key" string) (result $get-result)))
    (type $pair (tuple string string))
    (type $pairs (list $pair))
    (type $get-all-result (result $pairs (error $error)))
    (type $get-all-type (func (result $get-all-result)))
    (func $get-lifted (type $get-type) (canon lift (core func $get) string-encoding=utf8 (memory $memory) (realloc $realloc)))
    (func $get-all-lifted (type $get-all-type) (canon lift (core func $get-all) string-encoding=utf8 (memory $memory)))
    (export "get" (func $get-lifted))
    (export "get-all" (func $get-all-lifted)))
