//! Certificates of every sort: what `tls` says of them, and that `http` says nothing behind one that is
//! not to be trusted.

use crate::servers::{self, Authority};
use crate::support::Case;

const DAY: i64 = 86_400;

/// A server, and what is wrong with its certificate, if anything.
type Server = (&'static str, u16, Option<&'static str>);

fn servers_of(authority: &Authority) -> Vec<Server> {
    let (below, here) = (authority.below(), ["localhost"]);
    let (stranger, forger) = (Authority::named("Stranger"), Authority::new());
    vec![
        ("sound", authority.serve(&here, 90 * DAY), None),
        ("soon", authority.serve(&here, 3 * DAY + 3_600), None),
        ("whole-chain", below.serve_with(&here, 90 * DAY, &[&below]), None),
        ("half-chain", below.serve(&here, 90 * DAY), Some("its issuer is not trusted")),
        ("untrusted", stranger.serve(&here, 90 * DAY), Some("its issuer is not trusted")),
        ("forged", forger.serve(&here, 90 * DAY), Some("it is not signed by its issuer")),
        ("self-signed", servers::self_signed(&here), Some("it is self-signed")),
        (
            "other-name",
            authority.serve(&["bank.test"], 90 * DAY),
            Some("it is not for `localhost`"),
        ),
        ("expired", authority.serve(&here, -3_600), Some("a certificate has expired")),
    ]
}

/// What has to come of a kind, each expectation with its outcome and a part of the reason.
type Expected = Vec<(&'static str, &'static str, &'static str)>;

fn of_tls(name: &str, wrong: Option<&'static str>) -> Expected {
    let mut expected = match wrong {
        None => vec![("valid == true", "pass", ""), ("valid == false", "fail", "")],
        Some(why) => vec![("valid == false", "pass", ""), ("valid == true", "fail", why)],
    };
    expected.push(("reachable == true", "pass", ""));
    expected.push(match name {
        "soon" => ("days > 14", "fail", "3"),
        "expired" => ("days > 14", "fail", "-1"),
        "self-signed" => ("days == 0", "pass", ""),
        "whole-chain" => ("chain == 2", "pass", ""),
        _ => ("days > 14", "pass", ""),
    });
    expected
}

fn of_http(wrong: Option<&'static str>) -> Expected {
    match wrong {
        None => vec![("status == 200", "pass", ""), ("body == ok", "pass", "")],
        // Nothing of what is behind it is known, not even whether it is there.
        Some(_) => ["status == 200", "status != 200", "reachable == false", "reachable == true"]
            .map(|expectation| (expectation, "error", "certificate"))
            .to_vec(),
    }
}

#[test]
fn a_certificate_is_read_whatever_is_wrong_with_it_and_http_says_nothing_behind_it() {
    let authority = Authority::new();
    let mut list = "# Certificates\n\n".to_owned();
    let mut wanted = Vec::new();
    for (name, port, wrong) in servers_of(&authority) {
        let kinds = [
            ("tls", format!("localhost:{port}"), of_tls(name, wrong)),
            ("http", format!("GET https://localhost:{port}/\n"), of_http(wrong)),
        ];
        for (kind, asked, expected) in kinds {
            for (at, (expectation, outcome, why)) in expected.into_iter().enumerate() {
                let id = format!("{kind}-{name}-{at}");
                let block = format!("# ca: ca.pem\n{asked}\n# expect: {expectation}");
                let block = block.replace('\n', "\n  ");
                list.push_str(&format!(
                    "- [ ] It {id} `#{id}`\n  ```{kind} check\n  {block}\n  ```\n"
                ));
                wanted.push((id, outcome, why));
            }
        }
    }
    let case = Case::with(&list);
    case.write("ca.pem", authority.pem());
    let outcomes = case.run(&["run", "list.md", "--no-report", "--format", "json"]).outcomes();
    for (id, outcome, why) in wanted {
        let (found, said) = &outcomes[&id];
        assert!(
            found == outcome && said.contains(why),
            "{id}: {found}: {said}, not {outcome}: {why}"
        );
    }
}
