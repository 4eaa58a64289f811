//! Where requests run: on the thread that looks, and on no other, which costs least. Connections stay open
//! for the next request, and so does what trusts and signs in.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::error::Error;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use reqwest::Client;
use tokio::runtime::{Builder, Runtime};
use tokio::task::yield_now;
use tokio::time::interval;

use super::observe::Context;

#[derive(Default)]
struct Web {
    runtime: Option<Runtime>,
    /// When the last request ended.
    ended: Option<Instant>,
    /// By all that makes them what they are.
    clients: BTreeMap<Vec<String>, Client>,
}

/// Servers close what was silent for longer.
const SILENCE: Duration = Duration::from_millis(10);

/// How often the end of all is looked for.
const GLANCE: Duration = Duration::from_millis(50);

thread_local! {
    static WEB: RefCell<Web> = RefCell::default();
}

impl Drop for Web {
    fn drop(&mut self) {
        // A name that is still being looked up is waited for by nobody.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Runs requests to their end, or to that of all.
///
/// # Errors
/// When the system has nothing to run them with, or nobody wants their answer any more.
pub(super) fn run<T>(
    context: &Context<'_>,
    requests: impl Future<Output = T>,
) -> Result<T, String> {
    // Requests ask for clients, so it is not borrowed while they run.
    let (known, ended) = WEB.with_borrow_mut(|web| (web.runtime.take(), web.ended.take()));
    let runtime = match known {
        Some(runtime) => runtime,
        None => self::runtime().map_err(|error| format!("cannot start to ask: {error}"))?,
    };
    let answer = runtime.block_on(async {
        // Between two requests nobody listens: connections that were closed meanwhile are noticed first.
        if ended.is_some_and(|ended| ended.elapsed() > SILENCE) {
            yield_now().await;
            yield_now().await;
        }
        let (mut requests, mut glances) = (pin!(requests), interval(GLANCE));
        poll_fn(|task| {
            // Before the requests, which may use up what a task is granted before it has to let others on.
            while glances.poll_tick(task).is_ready() {
                if (context.over)() {
                    return Poll::Ready(Err("interrupted".to_owned()));
                }
            }
            requests.as_mut().poll(task).map(Ok)
        })
        .await
    });
    WEB.with_borrow_mut(|web| {
        web.runtime = Some(runtime);
        web.ended = Some(Instant::now());
    });
    answer
}

/// What runs requests.
///
/// # Errors
/// Those of the system.
pub(super) fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

/// The client of a key, made if there is none.
///
/// # Errors
/// Those of `make`.
pub(super) fn client(
    key: Vec<String>,
    make: impl FnOnce() -> Result<Client, String>,
) -> Result<Client, String> {
    if let Some(client) = WEB.with_borrow(|web| web.clients.get(&key).cloned()) {
        return Ok(client);
    }
    let client = make()?;
    WEB.with_borrow_mut(|web| web.clients.insert(key, client.clone()));
    Ok(client)
}

/// The cause at the bottom of an error, which says most.
pub(super) fn said(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    match cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind) {
        Some(std::io::ErrorKind::ConnectionRefused) => "connection refused".to_owned(),
        _ => cause.to_string(),
    }
}
