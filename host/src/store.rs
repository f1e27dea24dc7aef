//! Implements `wasi:keyvalue` with the [store](crate::keyvalue), in both versions that hosts use. They differ in the
//! number type of `increment`.

use crate::{
    bindings::{draft, draft2},
    keyvalue::{Bucket, Error},
    state::State,
};
use wasmtime::{Result, component::Resource};

macro_rules! keyvalue {
    ($version:ident, $count:ty) => {
        const _: () = {
            use $version::wasi::keyvalue::{atomics, store};

            impl From<Error> for store::Error {
                fn from(error: Error) -> Self {
                    match error {
                        Error::NoSuchStore => Self::NoSuchStore,
                        Error::Other(reason) => Self::Other(reason),
                    }
                }
            }

            impl store::Host for State {
                async fn open(&mut self, name: String) -> Result<Result<Resource<Bucket>, store::Error>> {
                    Ok(match self.services.keyvalue.open(&name).await {
                        Ok(bucket) => Ok(self.table.push(bucket)?),
                        Err(error) => Err(error.into()),
                    })
                }
            }

            impl store::HostBucket for State {
                async fn get(
                    &mut self,
                    bucket: Resource<Bucket>,
                    key: String,
                ) -> Result<Result<Option<Vec<u8>>, store::Error>> {
                    Ok(self.table.get(&bucket)?.get(&key).await.map_err(Into::into))
                }

                async fn set(
                    &mut self,
                    bucket: Resource<Bucket>,
                    key: String,
                    value: Vec<u8>,
                ) -> Result<Result<(), store::Error>> {
                    Ok(self.table.get(&bucket)?.set(&key, value).await.map_err(Into::into))
                }

                async fn delete(&mut self, bucket: Resource<Bucket>, key: String) -> Result<Result<(), store::Error>> {
                    Ok(self.table.get(&bucket)?.delete(&key).await.map_err(Into::into))
                }

                async fn exists(
                    &mut self,
                    bucket: Resource<Bucket>,
                    key: String,
                ) -> Result<Result<bool, store::Error>> {
                    let value = self.table.get(&bucket)?.get(&key).await;
                    Ok(value.map(|value| value.is_some()).map_err(Into::into))
                }

                async fn drop(&mut self, bucket: Resource<Bucket>) -> Result<()> {
                    self.table.delete(bucket)?;
                    Ok(())
                }
            }

            impl atomics::Host for State {
                async fn increment(
                    &mut self,
                    bucket: Resource<Bucket>,
                    key: String,
                    delta: $count,
                ) -> Result<Result<$count, store::Error>> {
                    let out_of_range = || Error::Other("the count is out of range".into());
                    let count = match i64::try_from(delta) {
                        Ok(delta) => self.table.get(&bucket)?.increment(&key, delta).await,
                        Err(_) => Err(out_of_range()),
                    };
                    let count = count.and_then(|count| <$count>::try_from(count).map_err(|_| out_of_range()));
                    Ok(count.map_err(Into::into))
                }
            }
        };
    };
}

keyvalue!(draft, u64);
keyvalue!(draft2, i64);
