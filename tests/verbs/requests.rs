//! `http` checks against a real nginx: encryption, HTTP/2, client certificates, redirects, proxies, encodings.

use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::servers;
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

fn packed(text: &str) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(text.as_bytes()).expect("memory");
    packer.finish().expect("memory")
}

/// A server that answers each path with a head and a body of its own.
fn answering(answers: Vec<(&'static str, String, Vec<u8>)>) -> u16 {
    servers::serve(move |mut stream| {
        let mut request = [0; 4096];
        let read = stream.read(&mut request).unwrap_or(0);
        let request = String::from_utf8_lossy(&request[..read]).into_owned();
        let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
        let Some((_, head, body)) = answers.iter().find(|(known, ..)| path == *known) else {
            return;
        };
        let body = if path == "/asked" { request.into_bytes() } else { body.clone() };
        let head =
            format!("HTTP/1.1 {head}Connection: close\r\nContent-Length: {}\r\n\r\n", body.len());
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
    })
}

#[test]
fn a_body_is_judged_whole_and_unpacked_or_not_at_all() {
    let (fine, bad) = (packed("all is well\n"), packed("FATAL\n"));
    let coded = |coding: &str| format!("200 OK\r\nContent-Encoding: {coding}\r\n");
    let wide: Vec<u8> = "FATAL".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let both = [fine.clone(), bad.clone()].concat();
    let port = answering(vec![
        ("/members", coded("gzip"), both.clone()),
        ("/x-gzip", coded("x-gzip"), both.clone()),
        ("/half", coded("gzip"), both[..both.len() - 3].to_vec()),
        ("/begun", coded("gzip"), [fine.clone(), vec![0x1f]].concat()),
        ("/trailing", coded("gzip"), [fine.clone(), b"FATAL".to_vec()].concat()),
        ("/nothing", coded("gzip"), Vec::new()),
        ("/twice", coded("gzip, gzip"), bad.clone()),
        ("/zstd", coded("zstd"), b"(\xb5/\xfd".to_vec()),
        ("/deflate", coded("deflate"), bad.clone()),
        ("/plain", coded("identity"), b"FATAL\n".to_vec()),
        ("/asked", "200 OK\r\n".to_owned(), Vec::new()),
        ("/part", "206 Partial Content\r\n".to_owned(), b"fine".to_vec()),
        ("/none", "204 No Content\r\n".to_owned(), Vec::new()),
        ("/wide", "200 OK\r\nContent-Type: text/plain; charset=UTF-16LE\r\n".to_owned(), wide),
    ]);
    let get = |path: &str, expected: &str| {
        format!("GET http://127.0.0.1:{port}/{path}\n# expect: {expected}")
    };
    let head = |expected: &str| format!("HEAD http://127.0.0.1:{port}/plain\n# expect: {expected}");
    let own = |expected: &str| {
        format!("GET http://127.0.0.1:{port}/asked\nAccept-Encoding: br\n\n# expect: {expected}")
    };
    let expected_text = format!("HEAD http://127.0.0.1:{port}/plain\n# Expected: x");
    let clean = "body not contains FATAL";
    let checks = [
        ("members", get("members", clean), "fail", ""),
        ("lines", get("members", "lines == 2"), "pass", ""),
        ("header", get("members", "header.content-encoding == gzip"), "pass", ""),
        ("x-gzip", get("x-gzip", "body contains FATAL"), "pass", ""),
        ("half", get("half", clean), "error", "broke off"),
        ("begun", get("begun", clean), "error", "broke off"),
        ("trailing", get("trailing", clean), "error", "broke off"),
        ("nothing", get("nothing", clean), "error", "broke off"),
        ("twice", get("twice", clean), "error", "`gzip, gzip`, which is not read"),
        ("zstd", get("zstd", clean), "error", "`zstd`"),
        ("deflate", get("deflate", "lines < 9"), "error", "`deflate`"),
        ("status", get("zstd", "status == 200"), "pass", ""),
        ("named", get("zstd", "header.content-encoding == zstd"), "pass", ""),
        ("plain", get("plain", clean), "fail", ""),
        ("asked", get("asked", "body matches /^accept-encoding: gzip$/i"), "pass", ""),
        ("own", own("body not matches /gzip/"), "pass", ""),
        ("part", get("part", clean), "error", "`206`"),
        ("part-status", get("part", "status == 206"), "pass", ""),
        ("none", get("none", "body is empty"), "error", "`204`"),
        ("none-json", get("none", ".a != 1"), "error", "`204`"),
        (
            "none-saves",
            format!("# save: V = .a\n{}", get("none", "status == 204")),
            "error",
            "`204`",
        ),
        ("head", head("body is empty"), "error", "`HEAD` has no body"),
        ("head-value", head("value < 5"), "error", "`HEAD` has no body"),
        ("head-text", expected_text, "error", "`HEAD` has no body"),
        ("head-status", head("status == 200"), "pass", ""),
        ("wide", get("wide", clean), "error", "`utf-16le`"),
        ("wide-lines", get("wide", "lines < 2"), "error", "`utf-16le`"),
    ];
    let blocks: Vec<(&str, String)> =
        checks.iter().map(|(id, block, ..)| (*id, block.clone())).collect();
    let done = run(&Case::with(&list("PATH", &blocks)));
    for (id, _, outcome, why) in checks {
        comes_to(&done, id, outcome, why);
    }
}

#[test]
fn a_value_asks_for_no_other_path() {
    let port = answering(vec![("/json", "200 OK\r\n".to_owned(), b"other\n".to_vec())]);
    let get = format!("GET http://127.0.0.1:{port}/a/{{{{P}}}}/json\n# expect: status == 200");
    let case = Case::with(&list("P", &[("one", get)])).set("P", "..");
    comes_to(&run(&case), "one", "error", "`.` or `..`");
}

/// A server that answers every request on a connection, counts connections, and says which it is on; after the
/// first answer on each it stays for so long.
fn counting(stays: Duration) -> (u16, Arc<AtomicUsize>) {
    let connections = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&connections);
    let port = servers::serve(move |mut stream| {
        let number = count.fetch_add(1, Ordering::SeqCst);
        let body = format!("{{\"connection\":{number}}}");
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let _ = stream.set_read_timeout(Some(stays));
        let mut bytes = [0; 4096];
        while stream.read(&mut bytes).is_ok_and(|read| read > 0) {
            if stream.write_all(answer.as_bytes()).is_err() {
                break;
            }
        }
    });
    (port, connections)
}

fn get(port: u16, id: &str, expected: &str) -> String {
    format!(
        "- [ ] Item {id} `#{id}`\n  ```http check\n  GET http://127.0.0.1:{port}/{id}\n\n  # expect: {expected}\n  ```\n"
    )
}

#[test]
fn a_connection_from_before_answers_nothing_where_something_may_have_changed() {
    let (port, connections) = counting(Duration::from_secs(5));
    let gets: String = (0..6).map(|n| get(port, &format!("i{n}"), "status == 200")).collect();
    let script =
        "- [ ] Restart `#restart`\n  ```bash check\n  true\n  # expect: exit == 0\n  ```\n";
    let case = Case::with(&format!("# R\n\n{script}{gets}"));
    case.run(&["run", "list.md", "--no-report", "--jobs", "1"]).exits(0);
    assert_eq!(connections.load(Ordering::SeqCst), 6, "one for each check");
    // Where nothing but questions is asked, one connection does.
    let case = Case::with(&format!("# R\n\n{gets}"));
    case.run(&["run", "list.md", "--no-report", "--jobs", "1"]).exits(0);
    assert_eq!(connections.load(Ordering::SeqCst), 7);
}

#[test]
fn a_server_that_closes_connections_is_there_all_the_same() {
    let (port, _) = counting(Duration::from_millis(2));
    let all: String = (0..30)
        .map(|n| {
            let there = get(port, &format!("there-{n}"), "status == 200");
            there + &get(port, &format!("gone-{n}"), "reachable == false")
        })
        .collect();
    let case = Case::with(&format!("# R\n\n{all}"));
    let done = case.run(&["run", "list.md", "--no-report", "--format", "json", "--jobs", "1"]);
    for (id, (outcome, why)) in done.outcomes() {
        let expected = if id.starts_with("there") { "pass" } else { "fail" };
        assert_eq!(outcome, expected, "{id}: {why}");
    }
}

#[test]
fn a_file_of_certificates_is_the_one_that_is_there_now() {
    let authority = servers::Authority::new();
    let port = authority.serve(&["localhost"], 80_000);
    let other = servers::Authority::new();
    let block = |id: &str, after: &str, expected: &str| {
        format!(
            "- [ ] Item {id} `#{id}`\n  ```http check\n  # ca: ca.pem\n{after}  GET https://localhost:{port}/\n\n  # expect: {expected}\n  ```\n"
        )
    };
    let swap = "- [ ] Swap `#swap`\n  ```bash check\n  # after: #first\n  cp other.pem ca.pem\n  # expect: exit == 0\n  ```\n";
    let case = Case::with(&format!(
        "# R\n\n{}{swap}{}",
        block("first", "", "status == 200"),
        block("second", "  # after: #swap\n", "status == 200")
    ));
    case.write("ca.pem", authority.pem());
    case.write("other.pem", other.pem());
    let done = case.run(&["run", "list.md", "--no-report", "--format", "json", "--jobs", "1"]);
    let outcomes = done.outcomes();
    assert_eq!(outcomes["first"].0, "pass", "{done:?}");
    assert_eq!(outcomes["second"].0, "error", "{done:?}");
}
