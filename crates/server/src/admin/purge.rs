//! `POST /-/cache/purge`: what is kept under a tag is out of date from now on, on every instance.

use std::time::Duration;

use bytes::Bytes;
use frontdesk_cache::Cache;
use hyper::StatusCode;
use serde::Deserialize;
use serde_json::json;

/// The most tags of one request, and the longest of them in bytes: as long as a tag of a view can be.
const MOST_TAGS: usize = 256;
const LONGEST_TAG: usize = 256;

/// How long the store that instances share is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Purge {
    tags: Vec<String>,
}

/// The answer to a body. What is said of a tag holds for answers that are being fetched, too.
pub async fn purge(body: &[u8], cache: &Cache) -> (StatusCode, Bytes) {
    let tags = match serde_json::from_slice::<Purge>(body) {
        Ok(purge) => purge.tags,
        Err(_) => return malformed("the body is `{\"tags\":[\"product:4711\"]}`"),
    };
    if tags.is_empty() || tags.len() > MOST_TAGS {
        return malformed("a purge names 1 to 256 tags");
    }
    if tags.iter().any(|tag| tag.is_empty() || tag.len() > LONGEST_TAG) {
        return malformed("a tag has 1 to 256 bytes");
    }
    let mut tags: Vec<&str> = tags.iter().map(String::as_str).collect();
    tags.sort_unstable();
    tags.dedup();
    let told = tokio::time::timeout(PATIENCE, cache.purge_everywhere(&tags)).await;
    if matches!(told, Ok(Ok(()))) {
        return (StatusCode::OK, json!({ "purged": tags.len() }).to_string().into());
    }
    let body = json!({
        "status": "cache_store_away",
        "detail": "purged in this process; the others could not be told, so ask again",
        "purged": tags.len(),
    });
    (StatusCode::SERVICE_UNAVAILABLE, body.to_string().into())
}

fn malformed(detail: &str) -> (StatusCode, Bytes) {
    (StatusCode::BAD_REQUEST, json!({ "status": "malformed_body", "detail": detail }).to_string().into())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use frontdesk_adapter::{CacheStore, PurgeListener, Shared, StoreFault, StoreFuture, SystemClock};
    use frontdesk_cache::Settings;

    use super::*;

    struct Away;

    impl CacheStore for Away {
        fn get<'a>(&'a self, _key: &'a [u8; 32], _tags: &'a [&'a str]) -> StoreFuture<'a, Shared> {
            Box::pin(async { Err(StoreFault("away".to_owned())) })
        }

        fn put<'a>(&'a self, _key: &'a [u8; 32], _entry: Bytes, _time: Duration) -> StoreFuture<'a, ()> {
            Box::pin(async { Err(StoreFault("away".to_owned())) })
        }

        fn purge<'a>(&'a self, _tags: &'a [&'a str]) -> StoreFuture<'a, ()> {
            Box::pin(async { Err(StoreFault("away".to_owned())) })
        }

        fn listen(&self, _listener: Arc<dyn PurgeListener>) {}
    }

    async fn asked(body: &str, store: Option<Arc<dyn CacheStore>>) -> (u16, serde_json::Value) {
        let cache = Cache::new(Settings::default(), Arc::new(SystemClock), store);
        let (status, body) = purge(body.as_bytes(), &cache).await;
        (status.as_u16(), serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test]
    async fn a_purge_is_bounded_and_says_what_came_of_it() {
        assert_eq!(asked(r#"{"tags":["a","b","a"]}"#, None).await, (200, json!({ "purged": 2 })));
        let many: Vec<String> = (0..257).map(|n| n.to_string()).collect();
        for wrong in [
            String::new(),
            "{}".to_owned(),
            r#"{"tags":"a"}"#.to_owned(),
            r#"{"tags":[1]}"#.to_owned(),
            r#"{"tags":[]}"#.to_owned(),
            r#"{"tags":[""]}"#.to_owned(),
            r#"{"tags":["a"],"all":true}"#.to_owned(),
            json!({ "tags": ["x".repeat(257)] }).to_string(),
            json!({ "tags": many }).to_string(),
        ] {
            let (status, body) = asked(&wrong, None).await;
            assert_eq!((status, &body["status"]), (400, &json!("malformed_body")), "{wrong}");
        }
    }

    #[tokio::test]
    async fn that_others_were_not_told_is_said() {
        let (status, body) = asked(r#"{"tags":["a"]}"#, Some(Arc::new(Away))).await;
        assert_eq!((status, &body["status"], &body["purged"]), (503, &json!("cache_store_away"), &json!(1)));
    }
}
