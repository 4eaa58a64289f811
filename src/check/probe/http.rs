//! `http`: one request in the form of .http files, and what came back (RFC 9110).

use std::collections::{BTreeMap, BTreeSet};

use reqwest::header::{ACCEPT_ENCODING, HeaderMap, HeaderName, HeaderValue, LOCATION};
use reqwest::{Certificate, Client, Identity, Method, Proxy, Request, Response, StatusCode, Url};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::check::Fault;
use crate::check::subject::{Output, Sort, Subjects};
use crate::check::template::{self, Template, Values, json_inside};
use crate::digest::Digest;

use super::Parts;
use super::body::{Body, unpack};
use super::observe::{Context, Fields, Sink, Unseen};
use super::url::{self, percent_encoding};
use super::web::{self, said};

pub(super) const MARKS: &[&str] = &["#", "//"];
pub(super) const DIRECTIVES: &[&str] = &["redirects", "ca", "identity"];
pub(super) const SUBJECTS: Subjects = Subjects {
    example: "status == 200",
    output: Output::Text("body"),
    fields: &[
        ("reachable", Sort::Truth),
        ("status", Sort::Plain),
        ("version", Sort::Text),
        ("url", Sort::Text),
        ("redirects", Sort::Plain),
    ],
    families: &["header"],
};

/// A body may be so long once it is unpacked: 1 GiB.
const LONGEST: usize = 1 << 30;

/// So many redirects may be followed.
const REDIRECTS: usize = 10;

/// A request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) struct Ask {
    method: String,
    url: Template,
    headers: Vec<(String, Template)>,
    body: Option<Template>,
    /// So many redirects are followed; the last answer is what is seen.
    redirects: usize,
    /// A file of certificates that are trusted besides the system's.
    ca: Option<Template>,
    /// A file with a certificate and its key, to show to the server.
    identity: Option<Template>,
}

/// Reads a request: a line with method and address, headers, a blank line, a body.
pub(super) fn read(parts: &mut Parts<'_>) -> Result<Ask, Fault> {
    let redirects = match parts.own("redirects") {
        None => 0,
        Some((line, value)) => {
            value.parse().ok().filter(|number| *number <= REDIRECTS).ok_or_else(|| {
                let message = format!("`{value}` is no number of redirects up to {REDIRECTS}");
                Fault::new(line, "HP103", message, "write `# redirects: 3`")
            })?
        }
    };
    let mut file = |name| parts.own(name).map(|(_, value)| Template::read(&value));
    let (ca, identity) = (file("ca"), file("identity"));
    let is_comment = |text: &str| MARKS.iter().any(|mark| text.trim_start().starts_with(mark));
    let mut lines = parts.lines.iter().skip_while(|line| line.text.trim().is_empty()).peekable();
    let first = lines.next();
    let (number, text) = first.map_or((0, ""), |line| (line.number, line.text.trim()));
    let (method, mut url) = request_line(text, number)?;
    let mut headers = Vec::new();
    for line in lines.by_ref() {
        let text = line.text.trim();
        if text.is_empty() {
            break;
        }
        if headers.is_empty() && text.starts_with(['?', '&']) {
            url.push_str(text);
        } else if !is_comment(text) {
            headers.push(header(text, line.number)?);
        }
    }
    check_address(&url, number)?;
    let body: Vec<&str> = lines.map(|line| line.text).collect();
    let body = body.join("\n");
    let body = body.trim_end();
    Ok(Ask {
        method,
        url: Template::read(&url),
        headers,
        body: (!body.is_empty()).then(|| Template::read(body)),
        redirects,
        ca,
        identity,
    })
}

fn request_line(text: &str, line: usize) -> Result<(String, String), Fault> {
    let refuse = |message: String| {
        Err(Fault::new(line, "HP150", message, "for example `GET https://example.com/health`"))
    };
    // A name in braces may have blanks: `{{ HOST }}`.
    let text = text.replace("{{ ", "{{").replace(" }}", "}}");
    let mut words: Vec<&str> = text.split_whitespace().collect();
    if words.last().is_some_and(|last| last.starts_with("HTTP/")) {
        words.pop();
    }
    let (method, url) = match words[..] {
        [url] => ("GET", url),
        [method, url] => (method, url),
        _ => return refuse(format!("`{text}` is no request: a method and an address")),
    };
    let known = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "QUERY"];
    if !known.contains(&method) {
        return refuse(format!("`{method}` is no method of HTTP"));
    }
    Ok((method.to_owned(), url.to_owned()))
}

/// An address begins with its scheme, or with a parameter that does.
pub(super) fn check_address(url: &str, line: usize) -> Result<(), Fault> {
    if ["http://", "https://", "{{"].iter().any(|begin| url.starts_with(begin)) {
        return Ok(());
    }
    let message = format!("`{url}` is no address of HTTP");
    Err(Fault::new(line, "HP150", message, "begin it with `https://`, `http://` or `{{NAME}}`"))
}

fn header(text: &str, line: usize) -> Result<(String, Template), Fault> {
    let parts = text.split_once(':').filter(|(name, _)| HeaderName::try_from(*name).is_ok());
    let (name, value) = parts.ok_or_else(|| {
        let message = format!("`{text}` is no header");
        Fault::new(line, "HP150", message, "write `Name: value`; a body follows a blank line")
    })?;
    Ok((name.to_ascii_lowercase(), Template::read(value.trim())))
}

impl Ask {
    pub(super) fn filled(&self, values: &Values) -> Result<Self, String> {
        let fill =
            |template: &Template| template.fill(values).map(|text| Template::read_plain(&text));
        let is_json = |body: &Template| body.written().trim_start().starts_with(['{', '[']);
        let body = self.body.as_ref().map(|body| {
            let text = match is_json(body) {
                true => body.fill_with(values, json_inside)?,
                false => body.fill(values)?,
            };
            Ok::<_, String>(Template::read_plain(&text))
        });
        Ok(Self {
            method: self.method.clone(),
            url: Template::read_plain(&url::filled(&self.url, values)?),
            headers: self
                .headers
                .iter()
                .map(|(name, value)| Ok((name.clone(), fill(value)?)))
                .collect::<Result<_, String>>()?,
            body: body.transpose()?,
            redirects: self.redirects,
            ca: self.ca.as_ref().map(fill).transpose()?,
            identity: self.identity.as_ref().map(fill).transpose()?,
        })
    }

    pub(super) fn names<'a>(&'a self, names: &mut BTreeSet<&'a str>) {
        let files = self.ca.iter().chain(&self.identity);
        template::collect([&self.url].into_iter().chain(&self.body).chain(files), names);
        template::collect(self.headers.iter().map(|(_, value)| value), names);
    }

    /// What it does besides looking, if so.
    pub(super) fn acts(&self) -> Option<&str> {
        (!["GET", "HEAD", "OPTIONS", "QUERY"].contains(&self.method.as_str()))
            .then_some(self.method.as_str())
    }

    /// Nothing that it does can go on without end: what a path names might, such as a pipe.
    pub(super) fn ends_by_itself(&self) -> bool {
        self.ca.is_none() && self.identity.is_none()
    }

    pub(super) fn look(&self, context: &Context<'_>, sink: &Sink<'_>) -> Result<Fields, Unseen> {
        web::run(context, self.exchange(context, sink)).map_err(Unseen::new)?
    }

    async fn exchange(&self, context: &Context<'_>, sink: &Sink<'_>) -> Result<Fields, Unseen> {
        let mut url = Url::parse(&self.url.written())
            .map_err(|error| Unseen::new(format!("this is no address: {error}")))?;
        let mut method = Method::from_bytes(self.method.as_bytes())
            .map_err(|error| Unseen::new(error.to_string()))?;
        let mut followed = 0;
        let response = loop {
            let response = self.send(&method, &url, context).await?;
            let Some(next) = next(&response).filter(|_| followed < self.redirects) else {
                break response;
            };
            if next.origin() != url.origin() && self.has_credentials(&url) {
                let why = format!(
                    "it redirects to {}, and credentials are not sent to another origin",
                    next.origin().ascii_serialization()
                );
                return Err(Unseen::reached(why));
            }
            if response.status() == StatusCode::SEE_OTHER {
                method = Method::GET;
            }
            (url, followed) = (as_before(next, &url), followed + 1);
        };
        let fields = fields(&response, &url, followed);
        sink.tell(&head(&response));
        let body = Body::of(&method, &response);
        if let Some(coding) = body.coding {
            unpack(response, coding, LONGEST, |piece| sink.show(piece)).await?;
        }
        if let Some(why) = body.unread {
            sink.unread(why);
        }
        Ok(fields)
    }

    /// Sends one request. Over a connection from before only where the run is still, and only what leaves nothing
    /// behind on it: else the answer could be one to something else, or that of a server on its way out.
    async fn send(
        &self,
        method: &Method,
        url: &Url,
        context: &Context<'_>,
    ) -> Result<Response, Unseen> {
        let sent = |client: &Client| self.request(client, method, url.clone(), context);
        if context.still && *method == Method::GET {
            let (client, key) = self.client(context, url, true).map_err(Unseen::new)?;
            let response = client.execute(sent(&client).map_err(Unseen::new)?).await;
            if !matches!(&response, Ok(response) if response.status() == StatusCode::OK) {
                web::forget(&key);
            }
            // That it was closed meanwhile says nothing of the server.
            if !matches!(&response, Err(error) if !error.is_timeout() && !error.is_connect()) {
                return response.map_err(|error| unanswered(&error, context));
            }
        }
        let (client, _) = self.client(context, url, false).map_err(Unseen::new)?;
        let response = client.execute(sent(&client).map_err(Unseen::new)?).await;
        response.map_err(|error| unanswered(&error, context))
    }

    /// A form that is posted to an address.
    pub(super) fn form(
        url: &str,
        fields: &[(&str, &str)],
        [ca, identity]: [Option<Template>; 2],
    ) -> Self {
        let pairs =
            fields.iter().map(|(name, value)| format!("{name}={}", percent_encoding(value)));
        let body = pairs.collect::<Vec<_>>().join("&");
        let form = "application/x-www-form-urlencoded";
        Self {
            method: "POST".to_owned(),
            url: Template::read_plain(url),
            headers: vec![("content-type".to_owned(), Template::read_plain(form))],
            body: Some(Template::read_plain(&body)),
            redirects: 0,
            ca,
            identity,
        }
    }

    /// The status and the body that come back, where they are at most so many bytes.
    pub(super) fn answer(
        &self,
        context: &Context<'_>,
        most: usize,
    ) -> Result<(StatusCode, Vec<u8>), Unseen> {
        web::run(context, self.whole(context, most)).map_err(Unseen::new)?
    }

    async fn whole(
        &self,
        context: &Context<'_>,
        most: usize,
    ) -> Result<(StatusCode, Vec<u8>), Unseen> {
        let url = Url::parse(&self.url.written())
            .map_err(|error| Unseen::new(format!("this is no address: {error}")))?;
        let response = self.send(&Method::POST, &url, context).await?;
        let (status, mut whole) = (response.status(), Vec::new());
        match Body::of(&Method::POST, &response) {
            Body { coding: Some(coding), unread: None } => {
                let to = |piece: &[u8]| {
                    whole.extend_from_slice(piece);
                    true
                };
                unpack(response, coding, most, to).await?;
            }
            body => return Err(Unseen::reached(body.unread.unwrap_or_default())),
        }
        Ok((status, whole))
    }

    fn request(
        &self,
        client: &Client,
        method: &Method,
        url: Url,
        context: &Context<'_>,
    ) -> Result<Request, String> {
        // The builder makes a header of the user and password of an address.
        let request = client.request(method.clone(), url).build();
        let mut request = request.map_err(|error| said(&error))?;
        if self.headers.iter().all(|(name, _)| *name != ACCEPT_ENCODING.as_str()) {
            let gzip = HeaderValue::from_static("gzip");
            request.headers_mut().insert(ACCEPT_ENCODING, gzip);
        }
        for (name, value) in &self.headers {
            let name = HeaderName::try_from(name.as_str()).map_err(|error| error.to_string())?;
            let value = HeaderValue::try_from(value.written())
                .map_err(|_| format!("the value of header `{name}` cannot be sent"))?;
            request.headers_mut().append(name, value);
        }
        // What is asked for behind a 303 is another thing (RFC 9110, 15.4.4).
        if let Some(body) = self.body.as_ref().filter(|_| method.as_str() == self.method) {
            *request.body_mut() = Some(body.written().into());
        }
        *request.timeout_mut() = Some(context.left());
        Ok(request)
    }

    /// Anything that another server should not be sent.
    fn has_credentials(&self, url: &Url) -> bool {
        let harmless = ["accept", "accept-language", "accept-encoding", "user-agent"];
        self.identity.is_some()
            || self.body.is_some()
            || !url.username().is_empty()
            || self.headers.iter().any(|(name, _)| !harmless.contains(&name.as_str()))
    }

    /// The client of requests like this one, and what it is known by; whether it `keeps` connections.
    fn client(
        &self,
        context: &Context<'_>,
        url: &Url,
        keeps: bool,
    ) -> Result<(Client, Vec<String>), String> {
        let variables = web::PROXIES
            .iter()
            .map(|name| context.environment.get(*name).cloned().unwrap_or_default());
        // A file of the same name may be another one by now.
        let file = |file: &Option<Template>| match file {
            None => Ok(String::new()),
            Some(file) => context.file(&file.written()).map(|bytes| Digest::of(&bytes).to_string()),
        };
        let files = [file(&self.ca)?, file(&self.identity)?];
        // Whom the system trusts takes long to read, and plain HTTP needs nobody.
        let proxies = web::proxies(context.environment)?;
        let trusts = url.scheme() != "http" || !proxies.is_empty();
        let scheme = if trusts { "" } else { "http" }.to_owned();
        let kept = if keeps { "kept" } else { "" }.to_owned();
        let key: Vec<String> = files.into_iter().chain(variables).chain([scheme, kept]).collect();
        let make = || self.new_client(context, proxies, trusts, keeps);
        web::client(key.clone(), make).map(|client| (client, key))
    }

    fn new_client(
        &self,
        context: &Context<'_>,
        proxies: Vec<Proxy>,
        trusts: bool,
        keeps: bool,
    ) -> Result<Client, String> {
        let mut builder = web::plain_client();
        if !keeps {
            builder = builder.pool_max_idle_per_host(0);
        }
        for proxy in proxies {
            builder = builder.proxy(proxy);
        }
        if !trusts {
            builder = builder.tls_certs_only([]);
        }
        if let Some(ca) = &self.ca {
            let bytes = context.file(&ca.written())?;
            let certificates =
                Certificate::from_pem_bundle(&bytes).map_err(|error| said(&error))?;
            builder = builder.tls_certs_merge(certificates);
        }
        if let Some(identity) = &self.identity {
            let bytes = context.file(&identity.written())?;
            builder = builder.identity(Identity::from_pem(&bytes).map_err(|error| said(&error))?);
        }
        builder.build().map_err(|error| said(&error))
    }
}

/// An address on the way, with the user that the first was asked as: only where it is the same origin.
fn as_before(mut next: Url, url: &Url) -> Url {
    if next.origin() == url.origin() {
        // Both have a host, so neither is refused.
        let _ = next.set_username(url.username());
        let _ = next.set_password(url.password());
    }
    next
}

/// Where an answer sends the client.
fn next(response: &Response) -> Option<Url> {
    if !response.status().is_redirection() {
        return None;
    }
    let location = response.headers().get(LOCATION)?.to_str().ok()?;
    let next = response.url().join(location).ok()?;
    matches!(next.scheme(), "http" | "https").then_some(next)
}

fn fields(response: &Response, url: &Url, followed: usize) -> Fields {
    let mut fields = Fields::new();
    fields.insert("reachable".to_owned(), Value::Bool(true));
    fields.insert("status".to_owned(), json!(response.status().as_u16()));
    fields.insert("version".to_owned(), json!(format!("{:?}", response.version())));
    let mut shown = url.clone();
    // Neither belongs into what people read.
    let _ = shown.set_password(None);
    fields.insert("url".to_owned(), json!(shown.as_str()));
    fields.insert("redirects".to_owned(), json!(followed));
    let mut headers: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for (name, value) in response.headers() {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        headers.entry(name.as_str().to_owned()).or_default().push(json!(value));
    }
    let one = |mut all: Vec<Value>| if all.len() == 1 { all.remove(0) } else { Value::Array(all) };
    let headers = headers.into_iter().map(|(name, values)| (name, one(values)));
    fields.insert("header".to_owned(), Value::Object(headers.collect()));
    fields
}

/// The head of an answer, as it is sent.
fn head(response: &Response) -> String {
    let mut head = format!("{:?} {}\n", response.version(), response.status());
    push_headers(response.headers(), &mut head);
    head
}

fn push_headers(headers: &HeaderMap, to: &mut String) {
    for (name, value) in headers {
        to.push_str(&format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes())));
    }
}

/// Why nothing came back. A proxy that does not answer tells nothing of what is behind it.
fn unanswered(error: &reqwest::Error, context: &Context<'_>) -> Unseen {
    let why = match (error.is_timeout(), error.is_connect()) {
        (true, true) => "no connection in time".to_owned(),
        (true, false) => "no answer in time".to_owned(),
        _ => said(error),
    };
    // Who it was that did not answer, without the words that an address may sign in with.
    let host = error.url().and_then(|url| Some((url.host_str()?, url.port_or_known_default()?)));
    let why = match host {
        Some((host, port)) => format!("`{host}:{port}`: {why}"),
        None => why,
    };
    let through_proxy = web::PROXIES.iter().any(|name| context.environment.contains_key(*name));
    match error.is_timeout() {
        _ if through_proxy => Unseen::new(why),
        true => Unseen::unreachable(why),
        false if error.is_connect() => Unseen::unconnected(error, why),
        false => Unseen::new(why),
    }
}
