//! An endpoint that speaks the Bot API's wire format over loopback, and counts.
#![allow(dead_code, clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// What the endpoint has seen.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) first: Option<Instant>,
    pub(crate) last: Option<Instant>,
    pub(crate) taken: usize,
    pub(crate) refused: usize,
    /// Texts with the time at which they came, where they are kept.
    pub(crate) texts: Option<Vec<(String, DateTime<Utc>)>>,
    window: VecDeque<Instant>,
}

#[derive(Clone)]
pub(crate) struct Endpoint {
    pub(crate) seen: Arc<Mutex<Seen>>,
    away: Duration,
    per_second: Option<usize>,
}

impl Endpoint {
    pub(crate) async fn start(away: Duration, per_second: Option<usize>) -> (Self, String) {
        let this = Self { seen: Arc::default(), away, per_second };
        let app = axum::Router::new().fallback(take).with_state(this.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        (this, url)
    }

    /// The number of a message, or `None` where it is one too many.
    fn admit(&self) -> Option<usize> {
        let mut seen = self.seen.lock().unwrap();
        let now = Instant::now();
        while seen.window.front().is_some_and(|at| now - *at >= Duration::from_secs(1)) {
            seen.window.pop_front();
        }
        if self.per_second.is_some_and(|most| seen.window.len() >= most) {
            seen.refused += 1;
            return None;
        }
        seen.window.push_back(now);
        seen.first.get_or_insert(now);
        seen.last = Some(now);
        seen.taken += 1;
        Some(seen.taken)
    }
}

/// Takes messages; all else it does not know.
async fn take(State(endpoint): State<Endpoint>, uri: Uri, Json(sent): Json<Value>) -> (StatusCode, Json<Value>) {
    if !uri.path().to_ascii_lowercase().ends_with("/sendmessage") {
        let told = json!({ "ok": false, "error_code": 404, "description": "Not Found: method not found" });
        return (StatusCode::NOT_FOUND, Json(told));
    }
    if let Some(texts) = &mut endpoint.seen.lock().unwrap().texts {
        texts.push((sent["text"].as_str().unwrap_or_default().to_owned(), Utc::now()));
    }
    tokio::time::sleep(endpoint.away).await;
    match endpoint.admit() {
        Some(id) => {
            let chat = json!({ "id": sent["chat_id"], "type": "private", "first_name": "x" });
            let message = json!({ "message_id": id, "date": 1_700_000_000, "chat": chat, "text": sent["text"] });
            (StatusCode::OK, Json(json!({ "ok": true, "result": message })))
        }
        None => {
            let told = json!({ "ok": false, "error_code": 429, "description": "Too Many Requests: retry after 1", "parameters": { "retry_after": 1 } });
            (StatusCode::TOO_MANY_REQUESTS, Json(told))
        }
    }
}
