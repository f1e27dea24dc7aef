//! What the guest's resources do is the same in all parts that define them, but each part generates traits of its own.

/// Implements the guest's `request-options`: `request_options!(GuestRequestOptions)`.
#[macro_export]
macro_rules! request_options {
    ($guest:path) => {
        impl $guest for $crate::RequestOptions {
            fn new() -> Self {
                Self::default()
            }

            fn set_timeout_ms(&self, timeout_ms: u32) {
                self.update(|limits| limits.timeout_ms = Some(timeout_ms));
            }

            fn set_expected_replies(&self, expected_replies: u32) {
                self.update(|limits| limits.expected_replies = Some(expected_replies));
            }
        }
    };
}

/// Implements the guest's `message`: `message!(GuestMessage for Message)`. The type has a `Default`, and the fields
/// `content`, a `RefCell<Content>`, and `topic`, an `Option<String>`.
#[macro_export]
macro_rules! message {
    ($guest:ident for $message:ty) => {
        impl $guest for $message {
            fn new(data: ::alloc::vec::Vec<u8>) -> Self {
                let content = $crate::Content { data: data.into(), ..$crate::Content::default() };
                Self { content: content.into(), ..Self::default() }
            }

            fn topic(&self) -> Option<::alloc::string::String> {
                self.topic.clone()
            }

            fn content_type(&self) -> Option<::alloc::string::String> {
                self.content.borrow().content_type.clone()
            }

            fn set_content_type(&self, content_type: ::alloc::string::String) {
                self.content.borrow_mut().content_type = Some(content_type);
            }

            fn data(&self) -> ::alloc::vec::Vec<u8> {
                self.content.borrow().data.to_vec()
            }

            fn set_data(&self, data: ::alloc::vec::Vec<u8>) {
                self.content.borrow_mut().data = $crate::Data::from(data);
            }

            fn metadata(&self) -> Option<$crate::metadata::Metadata> {
                Some(self.content.borrow().metadata.clone()).filter(|metadata| !metadata.is_empty())
            }

            fn add_metadata(&self, key: ::alloc::string::String, value: ::alloc::string::String) {
                self.remove_metadata(key.clone());
                self.content.borrow_mut().metadata.push((key, value));
            }

            fn set_metadata(&self, metadata: $crate::metadata::Metadata) {
                self.content.borrow_mut().metadata = metadata;
            }

            fn remove_metadata(&self, key: ::alloc::string::String) {
                self.content.borrow_mut().metadata.retain(|(name, _)| *name != key);
            }
        }
    };
}
