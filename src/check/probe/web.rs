//! Where requests run: on the thread that looks, and on no other, which costs least. Connections stay open
//! for the next request, and so does what trusts and signs in.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::error::Error;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use reqwest::{Client, ClientBuilder, Proxy, redirect};
use tokio::runtime::{Builder, Runtime};
use tokio::task::yield_now;
use tokio::time::interval;

use super::observe::Context;

#[derive(Default)]
struct Web {
    runtime: Option<Runtime>,
    /// By all that makes them what they are.
    clients: BTreeMap<Vec<String>, Client>,
}

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
    let known = WEB.with_borrow_mut(|web| web.runtime.take());
    let runtime = match known {
        Some(runtime) => runtime,
        None => self::runtime().map_err(|error| format!("cannot start to ask: {error}"))?,
    };
    let answer = runtime.block_on(async {
        // Between two requests nobody listens: connections that were closed meanwhile are noticed first.
        yield_now().await;
        yield_now().await;
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
    WEB.with_borrow_mut(|web| web.runtime = Some(runtime));
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

/// What every client has.
pub(super) fn plain_client() -> ClientBuilder {
    // A second one is refused, and changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .user_agent(concat!("holdpoint/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .no_proxy()
}

/// Makes a client that nobody uses: the next is made sooner, since its code is in memory.
pub(super) fn warm_up() {
    let _ = runtime();
    let _ = plain_client().tls_certs_only([]).build();
}

/// Variables that name proxies; they count where the checklist lists them in `env`.
pub(super) const PROXIES: &[&str] = &[
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
];

pub(super) fn proxies(environment: &BTreeMap<String, String>) -> Result<Vec<Proxy>, String> {
    let get = |names: [&str; 2]| {
        names.iter().find_map(|name| environment.get(*name)).filter(|value| !value.is_empty())
    };
    let all = get(["ALL_PROXY", "all_proxy"]);
    let https = get(["HTTPS_PROXY", "https_proxy"]).or(all).map(Proxy::https);
    let http = get(["HTTP_PROXY", "http_proxy"]).or(all).map(Proxy::http);
    let none = get(["NO_PROXY", "no_proxy"]).and_then(|hosts| reqwest::NoProxy::from_string(hosts));
    let proxies = [https, http].into_iter().flatten();
    let proxies = proxies.map(|proxy| proxy.map(|proxy| proxy.no_proxy(none.clone())));
    proxies.collect::<Result<_, _>>().map_err(|_| "a proxy has no address".to_owned())
}

/// Leaves the connections of a client to themselves.
pub(super) fn forget(key: &[String]) {
    WEB.with_borrow_mut(|web| web.clients.remove(key));
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
