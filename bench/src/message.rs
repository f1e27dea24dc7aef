//! Messages of `wasi:messaging`.

/// A message, on its way or in a component.
#[derive(Debug, Default)]
pub struct Message {
    /// The topic that it was received on; `None` if a component made the message.
    pub topic: Option<String>,
    /// The media type of the data.
    pub content_type: Option<String>,
    /// Keys and values, in order.
    pub metadata: Option<Vec<(String, String)>>,
    /// The data.
    pub data: Vec<u8>,
}

impl Message {
    /// Makes a message of data alone.
    pub fn new(data: Vec<u8>) -> Self {
        Self { data, ..Self::default() }
    }

    /// Returns the value of a metadata key.
    pub fn get(&self, key: &str) -> Option<&str> {
        let mut pairs = self.metadata.iter().flatten();
        pairs.find_map(|(name, value)| (name == key).then_some(value.as_str()))
    }

    /// Sets a metadata key, and replaces an earlier value.
    pub fn set(&mut self, key: &str, value: &str) {
        let metadata = self.metadata.get_or_insert_default();
        match metadata.iter_mut().find(|(name, _)| name == key) {
            Some((_, old)) => value.clone_into(old),
            None => metadata.push((key.to_owned(), value.to_owned())),
        }
    }
}
