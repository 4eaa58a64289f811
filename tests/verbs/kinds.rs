//! Probes through the real binary, against real servers and files.

use std::io::Write;

use crate::servers::{self, Authority};
use crate::support::{Case, Done};

/// A checklist of one item with one probe, which may use parameters `A` and `B`.
fn list(kind: &str, block: &str) -> String {
    let block: String = block.lines().map(|line| format!("  {line}\n")).collect();
    format!(
        "---\nparams:\n  - name: A\n  - name: B\n---\n# Release\n\n- [ ] One `#one`\n  ```{kind} check\n{block}  ```\n"
    )
}

/// How a probe comes out in a folder.
fn looked(case: &Case, kind: &str, block: &str, more: &[&str]) -> Done {
    case.write("list.md", list(kind, block));
    let mut arguments = vec!["run", "list.md", "--no-report", "--format", "json"];
    arguments.extend(more);
    case.run(&arguments)
}

fn outcome(done: &Done) -> String {
    let json = done.json();
    let items = json["items"].as_array().expect("items");
    let one = items.iter().find(|item| item["item"] == "one").expect("item `one`");
    one["outcome"].as_str().expect("an outcome").to_owned()
}

#[track_caller]
fn gives(case: &Case, kind: &str, block: &str, expected: &str) {
    let done = looked(case, kind, block, &[]);
    assert_eq!(outcome(&done), expected, "{block}\n{done:?}");
}

/// The observation that was kept of a probe that looks at something once.
fn observation(case: &Case) -> serde_json::Value {
    let kept: Vec<serde_json::Value> = case
        .files("ledger/evidence", "")
        .iter()
        .filter_map(|path| std::fs::read(path).ok())
        .filter_map(|bytes| serde_json::from_slice(&bytes).ok())
        .filter(|json: &serde_json::Value| {
            ["hosts", "servers", "files", "answers"].iter().any(|key| json[key].is_array())
        })
        .collect();
    assert_eq!(kept.len(), 1, "{kept:?}");
    kept[0].clone()
}

#[test]
fn tcp_tells_who_accepts_connections() {
    let case = Case::new();
    let (open, closed) = (servers::silent(), servers::closed());
    let block = format!(
        "127.0.0.1:{open}\nlocalhost:{open}\n# expect: connected == true\n# expect: seconds < 5s\n# expect: .hosts[0].connected == true"
    );
    gives(&case, "tcp", &block, "pass");
    gives(&case, "tcp", &format!("127.0.0.1:{closed}\n# expect: connected == false"), "pass");
    let both = format!("127.0.0.1:{open}\n127.0.0.1:{closed}\n# expect: connected == true");
    gives(&case, "tcp", &both, "fail");
}

#[test]
fn tcp_cannot_tell_of_a_name_that_nobody_knows() {
    let case = Case::new();
    gives(&case, "tcp", "# timeout: 5s\nnobody.invalid:1\n# expect: connected == false", "error");
}

#[test]
fn tls_reads_a_certificate_that_its_own_authority_vouches_for() {
    let (case, authority) = (Case::new(), Authority::new());
    case.write("ca.pem", authority.pem());
    let port = authority.serve(&["shop.test", "127.0.0.1"], 30 * 86_400 + 3_600);
    let block = format!(
        "# ca: ca.pem\n127.0.0.1:{port}\n# expect: valid == true\n# expect: days == 30\n# expect: reachable == true\n\
         # expect: names contains shop.test\n# expect: names not contains bank.test\n# expect: issuer contains Test CA\n\
         # expect: subject contains shop\n# expect: protocol == TLSv1.3\n# expect: chain == 1\n# expect: .servers[0].valid"
    );
    gives(&case, "tls", &block, "pass");
    let seen = observation(&case)["servers"][0].clone();
    assert_eq!(seen["names"], serde_json::json!(["shop.test", "127.0.0.1"]));
    assert!(seen["until"].as_str().is_some_and(|until| until.ends_with('Z')), "{seen}");
    let named =
        format!("# ca: ca.pem\n# name: shop.test\n127.0.0.1:{port}\n# expect: valid == true");
    gives(&case, "tls", &named, "pass");
}

#[test]
fn tls_says_why_a_certificate_is_not_valid() {
    let (case, authority) = (Case::new(), Authority::new());
    case.write("ca.pem", authority.pem());
    let expired = authority.serve(&["localhost"], -3_600);
    let foreign = authority.serve(&["bank.test"], 86_400);
    let alone = servers::self_signed(&["localhost"]);
    for (port, why) in [(expired, "expired"), (foreign, "not for"), (alone, "self-signed")] {
        let case = Case::new();
        case.write("ca.pem", authority.pem());
        let block = format!("# ca: ca.pem\nlocalhost:{port}\n# expect: valid == false");
        gives(&case, "tls", &block, "pass");
        let seen = observation(&case)["servers"][0].clone();
        assert!(seen["why"].as_str().is_some_and(|said| said.contains(why)), "{why}: {seen}");
        let block = format!("# ca: ca.pem\nlocalhost:{port}\n# expect: valid == true");
        let done = looked(&case, "tls", &block, &[]).says(why);
        assert_eq!(outcome(&done), "fail", "{done:?}");
    }
    let days = format!("# ca: ca.pem\nlocalhost:{expired}\n# expect: days == -1");
    gives(&case, "tls", &days, "pass");
    let both =
        format!("# ca: ca.pem\nlocalhost:{foreign}\nlocalhost:{expired}\n# expect: days >= 0");
    gives(&case, "tls", &both, "fail");
    let unknown = format!("localhost:{foreign}\n# expect: valid == true");
    let done = looked(&case, "tls", &unknown, &[]);
    assert_ne!(outcome(&done), "pass", "an authority that nobody told of");
}

#[test]
fn tls_says_nothing_of_a_server_that_shows_no_certificate() {
    let case = Case::new();
    let garbage = servers::serve(|mut stream| {
        let _ = stream.write_all(b"220 mail.test ESMTP\r\n");
    });
    let drips = servers::serve(|mut stream| {
        while stream.write_all(b"\x16").is_ok() {
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
    });
    for port in [servers::closed(), servers::silent(), garbage, drips] {
        let at = format!("# timeout: 1s\n127.0.0.1:{port}\n");
        gives(&case, "tls", &format!("{at}# expect: reachable == false"), "pass");
        gives(&case, "tls", &format!("{at}# expect: reachable == true"), "fail");
        for expectation in
            ["valid == false", "days < 0", "names is empty", ".servers | length == 1"]
        {
            gives(&case, "tls", &format!("{at}# expect: {expectation}"), "error");
        }
    }
}

#[test]
fn dns_asks_the_resolver_that_it_is_told() {
    let (case, port) = (Case::new(), servers::name_server());
    let at = |question: &str| format!("# resolver: 127.0.0.1:{port}\n# timeout: 3s\n{question}\n");
    for (question, expectations) in [
        (
            "shop.test A",
            &["exists == true", "count == 2", "ttl == 60s", "answers contains 192.0.2.2"][..],
        ),
        (
            "shop.test A",
            &["answers not contains 192.0.2.3", "answers matches /^192/", ".count == 2"],
        ),
        ("WWW.shop.test a", &["answers == 192.0.2.1", "ttl < 1m", ".aliases == [\"shop.test\"]"]),
        ("shop.test MX", &["answers == 10 mail.shop.test"]),
        ("long.shop.test TXT", &["count == 1", "answers matches /^x{2000}$/"]),
        ("shop.test TXT", &["exists == false", "answers is empty", "count == 0"]),
        ("gone.shop.test A", &["exists == false"]),
    ] {
        let lines: String = expectations.iter().map(|one| format!("# expect: {one}\n")).collect();
        gives(&case, "dns", &format!("{}{lines}", at(question)), "pass");
    }
    let expected = [
        ("shop.test A", "answers == 192.0.2.1", "fail"),
        ("shop.test A", "answers contains 192.0.2", "fail"),
        ("gone.shop.test A", "exists == true", "fail"),
        ("gone.shop.test A", "ttl < 1m", "error"),
        ("broken.shop.test A", "exists == false", "error"),
        ("silent.shop.test A", "exists == false", "error"),
    ];
    for (question, expectation, outcome) in expected {
        gives(&case, "dns", &format!("{}# expect: {expectation}", at(question)), outcome);
    }
    let nobody = servers::closed();
    let block = format!("# resolver: 127.0.0.1:{nobody}\nshop.test A\n# expect: exists == false");
    gives(&case, "dns", &block, "error");
}

#[test]
fn files_are_counted_measured_and_read() {
    let case = Case::new();
    case.write("dist/a.tar", "aaaa");
    case.write("dist/b.tar", "bb");
    case.write("VERSION", "1.8.0\n");
    let sum = "6dd7eeb9be5b4b8b9f9b3b6a3b9a7f9d";
    for (block, expected) in [
        (
            "dist/*.tar\n# expect: exists == true\n# expect: count == 2\n# expect: size < 1KB\n# expect: age < 1h",
            "pass",
        ),
        ("dist/*.tar\n# expect: size > 2B", "fail"),
        (
            "VERSION\n# expect: text == 1.8.0\n# expect: text matches /^1\\./\n# expect: .files[0].size == 6",
            "pass",
        ),
        ("VERSION\nCHANGES\n# expect: exists == true", "fail"),
        ("**/*.sql\n# expect: exists == false\n# expect: count == 0", "pass"),
        ("**/*.sql\n# expect: size < 1KB", "error"),
        ("**/*.sql\n# expect: text not contains DROP", "error"),
        ("dist\n# expect: exists == true", "pass"),
        ("dist\n# expect: size < 1KB", "error"),
        ("../x\n# expect: exists == false", "error"),
        ("/etc/passwd\n# expect: exists == true", "error"),
        (&format!("VERSION\n# expect: sha256 == {sum}"), "fail"),
    ] {
        gives(&case, "file", block, expected);
    }
    case.write("long.txt", "x".repeat((1 << 20) + 1));
    gives(&case, "file", "long.txt\n# expect: text contains x", "error");
    gives(&case, "file", "# cwd: dist\n*.tar\n# expect: count == 2", "pass");
}

#[test]
fn a_file_has_the_digest_that_others_compute() {
    let case = Case::new();
    case.write("abc", "abc");
    let sum = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    gives(&case, "file", &format!("abc\n# expect: sha256 == {sum}"), "pass");
    gives(&case, "file", &format!("abc\n# expect: .files[0].sha256 == \"{sum}\""), "pass");
}

#[test]
fn a_parameter_opens_a_folder_elsewhere() {
    let (case, other) = (Case::new(), Case::new());
    other.write("backup/db.dump", "x");
    let folder = other.path().to_str().expect("a text");
    let block = "{{A}}/backup/*.dump\n# expect: exists == true";
    let done = looked(&case, "file", block, &["--param", &format!("A={folder}")]);
    assert_eq!(outcome(&done), "pass", "{done:?}");
    let done = looked(&case, "bash", block, &["--param", "A=../x"]);
    assert_ne!(outcome(&done), "pass", "{done:?}");
    std::os::unix::fs::symlink(other.path(), case.path().join("out")).expect("a link");
    gives(&case, "file", "out/backup/db.dump\n# expect: exists == true", "error");
}

#[test]
fn reports_of_tests_are_summed_and_have_to_agree_with_themselves() {
    let case = Case::new();
    let good = r#"<testsuites><testsuite name="a" tests="2" time="0.5"><testcase classname="a" name="x"/><testcase classname="a" name="y"><skipped/></testcase></testsuite></testsuites>"#;
    let bad = r#"<testsuite name="b" tests="1" failures="1" time="1"><testcase classname="b" name="z"><failure/></testcase></testsuite>"#;
    case.write("good/a.xml", good);
    case.write("bad/b.xml", bad);
    case.write("none/c.xml", "<testsuites/>");
    case.write("lies/d.xml", good.replace("tests=\"2\"", "tests=\"3\""));
    case.write("cut/e.xml", &good[..good.len() - 5]);
    for (block, expected) in [
        (
            "good/*.xml\n# expect: tests > 0\n# expect: failures == 0\n# expect: errors == 0\n# expect: passed == 1\n# expect: skipped == 1\n# expect: failed is empty\n# expect: time < 1s\n# expect: age < 1h",
            "pass",
        ),
        (
            "good/*.xml\nbad/b.xml\n# expect: tests == 3\n# expect: time == 1.5s\n# expect: failed contains b z",
            "pass",
        ),
        ("bad/b.xml\n# expect: failures == 0", "fail"),
        ("none/c.xml\n# expect: tests == 0", "pass"),
        ("none/c.xml\n# expect: failures == 0", "error"),
        ("none/c.xml\n# expect: failed is empty", "error"),
        ("lies/d.xml\n# expect: failures == 0", "error"),
        ("cut/e.xml\n# expect: failures == 0", "error"),
        ("nothing/*.xml\n# expect: failures == 0", "error"),
        ("good\n# expect: failures == 0", "error"),
    ] {
        gives(&case, "junit", block, expected);
    }
}

#[test]
fn what_a_probe_cannot_read_is_said_before_it_runs() {
    let case = Case::new();
    for (kind, block, code) in [
        ("tcp", "db.internal\n# expect: connected == true", "HP150"),
        ("tcp", "https://db:1\n# expect: connected == true", "HP150"),
        ("tls", "example.com:x\n# expect: valid == true", "HP150"),
        ("tls", "# name: a b\nexample.com\n# expect: valid == true", "HP103"),
        ("dns", "example.com\n# expect: exists == true", "HP150"),
        ("dns", "example.com ANY\n# expect: exists == true", "HP150"),
        ("dns", "a.test A\nb.test A\n# expect: exists == true", "HP150"),
        ("dns", "# resolver: dns.test\nexample.com A\n# expect: exists == true", "HP103"),
        ("file", "../up\n# expect: exists == true", "HP150"),
        ("file", "/etc/passwd\n# expect: exists == true", "HP150"),
        ("file", "a[\n# expect: exists == true", "HP150"),
        ("junit", "report.xml\n# expect: status == 200", "HP121"),
        ("tls", "example.com", "HP107"),
        ("tcp", "# expect: connected == true", "HP126"),
        ("dns", "# resolvr: 127.0.0.1:53\nexample.com A\n# expect: exists == true", "HP102"),
        ("http", "# redirects 3\nGET http://a.test/\n# expect: status == 200", "HP102"),
        ("tls", "# ca certs/ca.pem\nexample.com:443\n# expect: valid == true", "HP102"),
        ("http", "# retries: 3 every 1s\nGET http://a.test/\n# expect: status == 200", "HP102"),
        ("promql", "# server: a\n# server: b\nup\n# expect: value == 1", "HP103"),
        ("http", "# on: ssh://a\nGET http://a.test/\n# expect: status == 200", "HP104"),
    ] {
        case.write("list.md", list(kind, block));
        case.run(&["lint", "list.md"]).exits(2).says(code);
    }
    case.write("list.md", list("tls", "{{A}}\n# expect: valid == true"));
    case.run(&["lint", "list.md"]).exits(0);
}

#[test]
fn only_who_refuses_or_is_silent_is_unreachable() {
    let case = Case::new();
    let closed = servers::closed();
    let gone = |kind: &str, block: &str| {
        gives(&case, kind, &format!("{block}\n# expect: reachable == false"), "pass");
    };
    gone("http", &format!("GET http://127.0.0.1:{closed}/"));
    gone("tls", &format!("127.0.0.1:{closed}"));
    // Here nothing is known of the service: its name is nowhere.
    let unknown = |kind: &str, block: &str| {
        gives(&case, kind, &format!("{block}\n# expect: reachable == false"), "error");
    };
    unknown("http", "GET http://nowhere.invalid/");
    unknown("tls", "nowhere.invalid:443");
    unknown("sql", "postgres://user@nowhere.invalid/db\nSELECT 1");
    unknown("sql", "mysql://user@nowhere.invalid/db?sslmode=disable\nSELECT 1");
}

#[test]
fn a_variable_that_is_not_listed_is_not_called_unset() {
    let case = Case::new().set("TOKEN_OF_MINE", "a value of mine");
    let here = |key: &str, block: &str| {
        let text = format!(
            "---\nenv: [{key}]\n---\n# Release\n\n- [ ] One `#one`\n  ```env check\n  {block}\n  # expect: set == false\n  ```\n"
        );
        case.write("list.md", text);
        let arguments = ["run", "list.md", "--no-report", "--format", "json"];
        outcome(&case.run(&arguments))
    };
    assert_eq!(here("OTHER", "TOKEN_OF_MINE"), "error");
    assert_eq!(here("TOKEN_OF_MINE", "TOKEN_OF_MINE"), "fail");
    assert_eq!(here("OTHER", "OTHER"), "pass");
}

#[test]
fn a_variable_that_is_no_text_is_refused_before_anything_runs() {
    use std::os::unix::ffi::OsStrExt;
    let text = "---\nenv: [WORDS]\n---\n# Release\n\n- [ ] One `#one`\n  ```env check\n  WORDS\n  # expect: set == false\n  ```\n";
    let case = Case::with(text);
    let words = std::ffi::OsStr::from_bytes(b"caf\xe9");
    let with = |name: &str| {
        let mut command = case.command(&["run", "list.md", "--no-report"]);
        Done::from(command.env(name, words).output().expect("the binary starts"))
    };
    with("WORDS").exits(2).says("the variable `WORDS` is no text in UTF-8");
    with("OTHERS").exits(0);
}

#[test]
fn a_value_in_an_expectation_is_text_and_not_empty() {
    let case = Case::new();
    case.write("version", "{\"version\":\"1.2\",\"build\":\"7\"}\n");
    let block = "cat version\n# Expected: {\"version\": \"{{A}}\"}";
    let with = |value: &str| {
        let done = looked(&case, "bash", block, &["--param", &format!("A={value}")]);
        outcome(&done)
    };
    assert_eq!(with("1.2"), "pass");
    assert_eq!(with("1.3"), "fail");
    assert_eq!(with("1.2\", \"build\": \"7"), "fail");
    assert_eq!(with(""), "error");
    assert_eq!(with(" "), "error");
}
