(component
  (import "wasi:messaging/types@0.2.0-draft" (instance))
  (@custom "msgcompose" "{\"version\": \"0.1.0\", \"guest\": {\"name\": \"desk.wasm\", \"sha256\": \"00\"}, \"adapters\": [{\"name\": \"reqreply-over-pubsub\", \"version\": \"0.1.0\", \"parts\": {}}]}")
)
