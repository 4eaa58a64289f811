//! Asking an authority over HTTP (RFC 3161, 3.4). Its answer is signed, so that plain HTTP is as good as any.

use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use reqwest::{Client, Response, Url, redirect};
use tokio::runtime::Builder;

use super::LIMIT;

/// How long an authority may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Sends a request, and brings back the answer.
///
/// # Errors
/// Why there is none: lower case, no full stop.
pub fn ask(url: &str, request: Vec<u8>) -> Result<Vec<u8>, String> {
    let url: Url = url.parse().map_err(|error| format!("`{url}` is no address: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("`{url}` is no address of HTTP"));
    }
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("cannot start to ask: {error}"))?;
    runtime.block_on(exchange(url, request))
}

async fn exchange(url: Url, request: Vec<u8>) -> Result<Vec<u8>, String> {
    // A second one is refused, and changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder()
        .user_agent(concat!("holdpoint/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::limited(3))
        .timeout(PATIENCE)
        .build();
    let sent = client
        .map_err(|error| deepest(&error))?
        .post(url)
        .header(CONTENT_TYPE, HeaderValue::from_static("application/timestamp-query"))
        .header(ACCEPT, HeaderValue::from_static("application/timestamp-reply"))
        .body(request)
        .send();
    let response = sent.await.map_err(|error| deepest(&error))?;
    match response.status() {
        status if status.is_success() => whole(response).await,
        status => Err(format!("the authority answers {status}")),
    }
}

async fn whole(mut response: Response) -> Result<Vec<u8>, String> {
    let mut whole = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|error| deepest(&error))? {
        if whole.len() + piece.len() > LIMIT {
            return Err("the answer is longer than a time-stamp".to_owned());
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole)
}

/// The cause at the bottom says most.
fn deepest(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
