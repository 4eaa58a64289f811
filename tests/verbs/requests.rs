//! `http` checks against a real nginx: encryption, HTTP/2, client certificates, redirects, proxies, encodings.

use crate::support::service::Service;
use crate::support::{Case, Done};

/// A checklist with one `http` check for each of these blocks.
fn list(env: &str, blocks: &[(&str, String)]) -> String {
    let head = format!("---\nenv: [{env}]\n---\n# Release\n\n");
    blocks.iter().fold(head, |list, (id, block)| {
        let block = block.replace('\n', "\n  ");
        format!("{list}- [ ] Item {id} `#{id}`\n  ```http check\n  {block}\n  ```\n")
    })
}

#[track_caller]
fn comes_to(done: &Done, id: &str, outcome: &str, why: &str) {
    let json = done.json();
    let items = json["items"].as_array().expect("items");
    let item = items.iter().find(|item| item["item"] == id).unwrap_or_else(|| panic!("no {id}"));
    let said = item["why"].as_str().unwrap_or_default();
    assert!(item["outcome"] == outcome && said.contains(why), "{id}: {item}");
}

fn run(case: &Case) -> Done {
    case.run(&["run", "list.md", "--no-report", "--format", "json"])
}

#[test]
fn encryption_http_2_and_client_certificates_are_those_that_are_asked_for() {
    let (server, open) = Service::nginx_of(|port, second| {
        format!(
            "ssl_certificate server.pem; ssl_certificate_key server.key; \
             server {{ listen 127.0.0.1:{port} ssl http2; ssl_client_certificate ca.pem; ssl_verify_client on; \
             location / {{ return 200 '$ssl_client_verify $server_protocol\\n'; }} }} \
             server {{ listen 127.0.0.1:{second} ssl; location / {{ return 200 '$server_protocol\\n'; }} }}"
        )
    });
    let (asked, open) = (
        format!("GET https://127.0.0.1:{}/", server.port),
        format!("GET https://127.0.0.1:{open}/"),
    );
    let block = |directives: &str, get: &str, expected: &str| {
        format!("{directives}{get}\n\n# expect: {expected}")
    };
    let (ca, both) = ("# ca: ca.pem\n", "# ca: ca.pem\n# identity: me.pem\n");
    let case = Case::with(&list(
        "PATH",
        &[
            ("who", block(both, &asked, "body == \"SUCCESS HTTP/2.0\"")),
            ("version", block(both, &asked, "version == \"HTTP/2.0\"")),
            ("nobody", block(ca, &asked, "status == 400")),
            ("old", block(ca, &open, "body == \"HTTP/1.1\"")),
            ("stranger", block("", &open, "status == 200")),
            ("reachable", block("", &open, "reachable == false")),
            ("missing", block("# ca: nowhere.pem\n", &open, "status == 200")),
        ],
    ));
    case.write("ca.pem", std::fs::read(server.ca()).expect("a certificate"));
    case.write("me.pem", server.identity());
    let done = run(&case);
    for passed in ["who", "version", "nobody", "old"] {
        comes_to(&done, passed, "pass", "");
    }
    // Nobody can tell who it was that answered.
    for unclear in ["stranger", "reachable", "missing"] {
        comes_to(&done, unclear, "error", "");
    }
}

#[test]
fn redirects_are_shown_and_credentials_go_to_no_other_origin() {
    let (server, other) = Service::nginx_of(|port, second| {
        format!(
            "server {{ listen 127.0.0.1:{port}; \
             location /away {{ return 302 http://127.0.0.1:{second}/taken; }} \
             location /near {{ return 301 /here; }} \
             location /post {{ return 303 /here; }} \
             location /kept {{ return 307 /here; }} \
             location /round {{ return 302 /round; }} \
             location /here {{ return 200 '$request_method $http_authorization\\n'; }} }} \
             server {{ listen 127.0.0.1:{second}; \
             location / {{ return 200 'other [$http_authorization$http_x_token]\\n'; }} }}"
        )
    });
    let get = |path: &str| format!("http://127.0.0.1:{}{path}", server.port);
    let signed = format!("http://me:hunter2-x@127.0.0.1:{}", server.port);
    let case = Case::with(&list(
        "PATH",
        &[
            (
                "shown",
                format!(
                    "GET {}\n# expect: status == 302\n# expect: header.location == \"http://127.0.0.1:{other}/taken\"\n# expect: redirects == 0",
                    get("/away")
                ),
            ),
            (
                "followed",
                format!(
                    "# redirects: 1\nGET {}\n# expect: body contains \"other []\"\n# expect: redirects == 1",
                    get("/away")
                ),
            ),
            (
                "token",
                format!(
                    "# redirects: 1\nGET {}\nX-Token: t-1\n\n# expect: status == 200",
                    get("/away")
                ),
            ),
            ("user", format!("# redirects: 1\nGET {signed}/away\n# expect: status == 200")),
            (
                "near",
                format!("# redirects: 1\nGET {signed}/near\n# expect: body contains \"GET Basic\""),
            ),
            (
                "post",
                format!(
                    "# redirects: 1\nPOST {}\n\nx\n# expect: body contains \"GET \"",
                    get("/post")
                ),
            ),
            (
                "kept",
                format!(
                    "# redirects: 1\nPOST {}\n\nx\n# expect: body contains \"POST \"",
                    get("/kept")
                ),
            ),
            (
                "round",
                format!(
                    "# redirects: 3\nGET {}\n# expect: status == 302\n# expect: redirects == 3",
                    get("/round")
                ),
            ),
        ],
    ));
    let done = run(&case);
    for passed in ["shown", "followed", "near", "post", "kept", "round"] {
        comes_to(&done, passed, "pass", "");
    }
    for refused in ["token", "user"] {
        comes_to(&done, refused, "error", "credentials are not sent to another origin");
    }
}

#[test]
fn proxies_count_where_they_are_listed() {
    let (proxy, service) = Service::nginx_of(|port, second| {
        format!(
            "server {{ listen 127.0.0.1:{port}; \
             location / {{ proxy_pass http://127.0.0.1:{second}; proxy_set_header X-Through yes; }} }} \
             server {{ listen 127.0.0.1:{second}; \
             location / {{ return 200 'through [$http_x_through]\\n'; }} }}"
        )
    });
    let get = format!("GET http://127.0.0.1:{service}/");
    let checks =
        |expected: &str| [("one", format!("{get}\n# expect: body contains \"{expected}\""))];
    let address = format!("http://127.0.0.1:{}", proxy.port);
    let with = |env: &str, expected: &str, outcome: &str| {
        let case = Case::with(&list(env, &checks(expected))).set("HTTP_PROXY", &address);
        comes_to(&run(&case), "one", outcome, "");
    };
    with("HTTP_PROXY", "through [yes]", "pass");
    with("PATH", "through []", "pass");
    // A proxy that is not there tells nothing of the service.
    let gone = [("one", format!("{get}\n# expect: reachable == false"))];
    let case = Case::with(&list("http_proxy", &gone)).set("http_proxy", "http://127.0.0.1:9");
    comes_to(&run(&case), "one", "error", "");
    let case = Case::with(&list("http_proxy, no_proxy", &checks("through []")))
        .set("http_proxy", "http://127.0.0.1:9")
        .set("no_proxy", "127.0.0.1");
    comes_to(&run(&case), "one", "pass", "");
}
