//! Documents as people write them, and as attackers do.

use std::sync::Arc;

use super::*;
use crate::source::Severity;

fn reading(text: &str) -> Reading {
    read("a.md", text.as_bytes()).expect("a readable checklist")
}

fn checklist(text: &str) -> Arc<Checklist> {
    let reading = reading(text);
    let errors: Vec<_> = errors(&reading);
    assert_eq!(errors, Vec::<&str>::new(), "{text}");
    reading.checklist
}

fn errors(reading: &Reading) -> Vec<&str> {
    let errors = reading.diagnostics.iter();
    errors
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| finding.message.as_str())
        .collect()
}

fn codes(text: &str) -> Vec<&'static str> {
    reading(text).diagnostics.iter().map(|finding| finding.code).collect()
}

fn ids(checklist: &Checklist) -> Vec<&str> {
    checklist.items.iter().map(|item| item.id.as_str()).collect()
}

fn texts(checklist: &Checklist) -> Vec<&str> {
    checklist.items.iter().map(|item| item.text.as_str()).collect()
}

fn own_text(checklist: &Checklist, item: usize) -> String {
    let spans = checklist.items[item].spans.iter();
    spans.map(|span| &checklist.source.text[span.start..span.end]).collect()
}

fn roles(gate: &Gate) -> Vec<&str> {
    gate.roles.iter().map(|role| role.name.as_str()).collect()
}

#[test]
fn tasks_of_every_marker_are_items() {
    let read = checklist("- [ ] a\n* [x] b\n+ [X] c\n1. [ ] d\n2) [ ] e\n> - [ ] f\n\n- [y] no\n");
    assert_eq!(texts(&read), ["a", "b", "c", "d", "e", "f"]);
    let claims: Vec<Claim> = read.items.iter().map(|item| item.claim).collect();
    use Claim::{Done, Open};
    assert_eq!(claims, [Open, Done, Done, Open, Open, Open]);
}

#[test]
fn children_know_their_parent_and_leave_its_lines() {
    let read =
        checklist("- [ ] a\n  more\n  - [ ] b\n    - plain\n      - [ ] c\n  - note\n- [ ] d\n");
    let parents: Vec<_> = read.items.iter().map(|item| item.parent).collect();
    assert_eq!(parents, [None, Some(0), Some(1), None]);
    assert_eq!(own_text(&read, 0), "- [ ] a\n  more\n  - note\n");
    assert_eq!(own_text(&read, 1), "  - [ ] b\n    - plain\n");
    assert_eq!(own_text(&read, 3), "- [ ] d\n");
}

#[test]
fn an_item_has_the_same_digest_wherever_it_stands() {
    let alone = checklist("- [ ] a\n  more");
    let among = checklist("# T\r\n\r\n- [ ] z\r\n- [ ] a\r\n  more\r\n\r\n- [ ] b\r\n\r\ntext\r\n");
    assert_eq!(alone.items[0].sha256, among.items[1].sha256);
    let edited = checklist("- [ ] a\n  more!");
    assert_ne!(alone.items[0].sha256, edited.items[0].sha256);
}

#[test]
fn marks_are_taken_off_in_any_order() {
    let read = checklist(
        "- [ ] **Redis** is up (optional) `#redis` @ops\n- [ ] Mail a@b.c\n- [ ] @owner\n",
    );
    let item = &read.items[0];
    assert_eq!((item.id.as_str(), item.text.as_str()), ("redis", "Redis is up"));
    assert_eq!((item.optional, item.owner.as_deref()), (true, Some("ops")));
    assert_eq!(read.items[1].owner, None);
    assert_eq!(read.items[2].text, "@owner");
    assert!(codes("- [ ] see `#redis` first\n").contains(&"HP014"));
}

#[test]
fn identities_leave_the_title_out_and_end_up_unique() {
    let read =
        checklist("# Title\n## Größe\n- [ ] prüfen\n- [ ] prüfen\n- [ ] x `#größe/prüfen-2`\n");
    assert_eq!(ids(&read), ["größe/prüfen", "größe/prüfen-3", "größe/prüfen-2"]);
}

#[test]
fn two_checks_of_one_name_are_an_error() {
    let block = "```bash check\ntrue\n# expect: exit == 0\n```\n";
    assert_eq!(errors(&reading(&format!("## A\n{block}\n{block}"))).len(), 1);
    assert_eq!(errors(&reading("- [ ] a `#x`\n- [ ] b `#x`\n")).len(), 1);
    assert_eq!(errors(&reading("- [ ] a\n- [ ] a\n")).len(), 0);
}

#[test]
fn a_check_belongs_to_the_nearest_item_or_is_one() {
    let read = checklist(
        "## H\n- [ ] a\n  - [ ] b\n    ```bash check\n    one\n      two\n    ```\n  ```sh check\n  x\n  ```\n\n```bash check\n# timeout: 3s\n# 2. Disk space\ndf\n```\n",
    );
    let owners: Vec<_> = read.blocks.iter().map(|block| block.item).collect();
    assert_eq!(owners, [Some(1), Some(0), Some(2)]);
    assert_eq!(read.blocks[0].content, "one\n  two\n");
    assert_eq!(read.items[2].id, "h/disk-space");
    assert!(own_text(&read, 2).starts_with("```bash check\n"));
}

#[test]
fn carriage_returns_do_not_reach_the_shell() {
    let read = checklist("- [ ] a\r\n  ```bash check\r\n  true\r\n  ```\r\n");
    assert_eq!(read.blocks[0].content, "true\n");
}

#[test]
fn what_cannot_be_seen_in_a_marked_block_is_an_error() {
    for hidden in ["\u{202e}", "\u{200b}", "\u{1b}", "\u{ad}"] {
        let text = format!("```bash check\necho {hidden}\n```\n");
        assert!(!errors(&reading(&text)).is_empty(), "{hidden:?}");
        assert!(errors(&reading(&text.replace(" check", ""))).is_empty(), "{hidden:?}");
    }
}

#[test]
fn a_mark_in_disguise_is_an_error() {
    for info in ["bash &#99;heck", "bash chec\\k", "bash Check", "bash check now", "check"] {
        let read = reading(&format!("```{info}\ntrue\n```\n"));
        assert!(!errors(&read).is_empty(), "{info}");
        assert!(read.checklist.blocks.iter().all(|block| block.mark != Mark::Check), "{info}");
    }
}

#[test]
fn readers_that_differ_stop_the_run() {
    let tab = "```text\na\n```\t\n\n- [ ] lost by one\n\n```bash check\ntrue\n```\n";
    let read = reading(tab);
    assert!(read.disputed);
    assert!(errors(&read).iter().any(|message| message.contains("two readers differ")));
}

#[test]
fn what_stands_in_a_footnote_belongs_to_the_section_that_it_stands_in() {
    let text = "# R\n\n## Go[^1]\n\n[^1]: - [ ] Inside\n\n- [ ] After\n\n## Rollback\n\nStop.\n";
    let checklist = checklist(text);
    assert_eq!(ids(&checklist), ["go-1/inside", "go-1/after"]);
    assert!(checklist.items.iter().all(|item| item.gate == Some(0)));
}

#[test]
fn a_footnote_that_nobody_refers_to_hides_nothing_that_runs() {
    let block = "    ```bash check\n    true\n    # expect: exit == 0\n    ```\n";
    let read = reading(&format!("# R\n\n[^1]: note\n\n{block}"));
    assert!(read.disputed && read.checklist.items.is_empty());
    let pieces = layout(&read.checklist);
    assert!(!pieces.iter().any(|piece| matches!(piece.kind, PieceKind::Code(_))));
}

#[test]
fn an_entity_is_no_box() {
    let read = reading("- &#91; ] a\n- [ ] b\n");
    assert_eq!(texts(&read.checklist), ["b"]);
    assert!(!read.disputed);
}

#[test]
fn a_box_without_text_is_no_item_and_no_dispute() {
    let read = reading("- [ ]\n- [ ] b\n- [ ]c\n- [ ] \n");
    assert_eq!(texts(&read.checklist), ["b"]);
    assert!(!read.disputed, "{:?}", read.diagnostics);
    assert!(read.diagnostics.iter().filter(|found| found.code == "HP015").count() >= 2);
}

#[test]
fn what_does_not_apply_is_an_item_that_claims_so() {
    let read = checklist(
        "- [ ] ~~struck~~ `#s`\n- [ ] ~~half~~ of it\n- [~] tilde\n- [-] dash\n\n| Do | Done |\n|---|---|\n| row | ☐ |\n| other | N/A |\n",
    );
    use Claim::{NotApplicable, Open};
    let claims: Vec<Claim> = read.items.iter().map(|item| item.claim).collect();
    assert_eq!(texts(&read), ["struck", "half of it", "tilde", "dash", "row", "other"]);
    assert_eq!(claims, [NotApplicable, Open, NotApplicable, NotApplicable, Open, NotApplicable]);
}

#[test]
fn what_looks_like_an_item_and_is_none_stops_the_run() {
    for line in [
        "- [ ]x must",
        "- [] must",
        "-[ ] must",
        "- [  ] must",
        "- [ x ] must",
        "- [ ]\u{a0}must",
        "- [\u{a0}] must",
        "- **[ ] must**",
        "[ ] must",
        "# [ ] must",
        "- # [ ] must",
        "- <input type=\"checkbox\"> must",
        "🗹 must",
        "1.1 [ ] must",
        "a. [ ] must",
        "Step 1: [ ] must",
        "• [ ] must",
        "– [ ] must",
        "\\- [ ] must",
        "-- [ ] must",
        "［ ］ must",
        "[✓] must",
        "- [v] must",
        "- [ ](https://example.com) must",
        ":white_large_square: must",
        "- [ ] other\n  [ ] must",
    ] {
        let read = reading(&format!("- [ ] a\n\n{line}\n"));
        let found = read.diagnostics.iter().any(|found| found.code == "HP016");
        assert!(found && !errors(&read).is_empty(), "{line:?} {:?}", read.diagnostics);
    }
    for line in [
        "- `[ ]` is open",
        "- [x](https://example.com) must",
        "- [a] must",
        "see [ ] above",
        "Array[x] is read",
        "see [1] and [x](y)",
        "**Note:** [x] is how it is ticked",
        "```\n[ ] shown\n```",
        "- [ ] must",
        "* [x] must",
    ] {
        let read = reading(&format!("- [ ] a\n\n{line}\n"));
        assert!(!read.diagnostics.iter().any(|found| found.code == "HP016"), "{line:?}");
    }
    let table = "| a | b |\n|---|---|\n| must | [ ] |\n";
    assert_eq!(checklist(&format!("- [ ] a\n\n{table}")).items.len(), 2);
    assert!(codes("- [ ] a\n\n### ☐ must\n").contains(&"HP016"));
    assert!(codes("- [ ] a\n\n<!-- hidden\n- [ ] b\n").contains(&"HP011"));
}

#[test]
fn a_task_that_became_a_heading_is_reported() {
    for lost in [
        "- [x] Docs:\n  -\n",
        "- [ ] Docs\n  ===\n",
        "- [ ] a\n  - [ ] Docs\n    ---\n",
        "> - [ ] Docs\n>   ---\n",
        "☐ Docs\n---\n",
        "Before:\n☐ Docs\n☐ Tests\n===\n",
    ] {
        assert!(codes(lost).contains(&"HP007"), "{lost}");
    }
    assert!(!codes("✅ Docs\n---\n- [ ] a\n").contains(&"HP007"));
}

#[test]
fn a_byte_order_mark_hides_no_task_and_no_front_matter() {
    assert_eq!(texts(&checklist("\u{feff}- [ ] a\n")), ["a"]);
    let read = checklist("\u{feff}---\ntitle: T\n---\n- [ ] a\n");
    assert_eq!((read.title.as_str(), read.items[0].line), ("T", 4));
}

#[test]
fn front_matter_takes_scalars_as_text() {
    let read = checklist(
        "---\nparams:\n  - name: PORT\n    default: 8080\n  - name: LIVE\n    default: true\n    values: [true, false]\n---\n- [ ] a\n",
    );
    assert_eq!(read.front.params[0].default.as_deref(), Some("8080"));
    assert_eq!(read.front.params[1].default.as_deref(), Some("true"));
}

#[test]
fn front_matter_is_refused_where_it_is_wrong() {
    let cases = [
        ("titel: x", 2, "did you mean `title`?"),
        ("title: x\nwindow: now", 3, "run --window"),
        ("title: x\nparams:\n  - name: A\n    defualt: 1", 5, "did you mean `default`?"),
        ("params:\n  - name: A\n  - name: LD_PRELOAD", 4, "choose another name"),
        ("params:\n  - name: lower", 3, "use A-Z"),
        ("title: [", 2, ""),
        ("title: a\u{200b}b", 2, "delete it"),
        ("roles:\n  - name: CTO\n    id: C T O", 4, "use a-z"),
    ];
    for (yaml, line, hint) in cases {
        let read = reading(&format!("---\n{yaml}\n---\n- [ ] a\n"));
        let found = &read.diagnostics[0];
        assert_eq!(found.severity, Severity::Error, "{yaml}");
        let hinted = found.hint.as_deref().unwrap_or_default();
        assert!(hinted.contains(hint), "{yaml}: {hinted}");
        if !hint.is_empty() {
            assert_eq!(read.checklist.source.line_of(found.span.start), line, "{yaml}");
        }
    }
}

#[test]
fn front_matter_tells_all_that_is_wrong_at_once() {
    let read = reading(
        "---\ntitel: x\nversion: [1, 2]\nparams:\n  - nam: A\n    defualt: 1\nroles:\n  - name: CTO\n    quorum: many\nenv: [A-B]\n---\n- [ ] a\n",
    );
    let lines: Vec<(&str, usize)> = read
        .diagnostics
        .iter()
        .map(|found| (found.code, read.checklist.source.line_of(found.span.start)))
        .collect();
    for expected in [2, 3, 5, 6, 9] {
        assert!(lines.contains(&("HP002", expected)), "{expected}: {:?}", read.diagnostics);
    }
    assert!(lines.contains(&("HP004", 10)), "{:?}", read.diagnostics);
}

#[test]
fn front_matter_of_another_tool_is_left_alone() {
    for yaml in [
        "name: Release\nabout: A checklist\ntitle: ''\nlabels: maintenance\nassignees: ''",
        "title: Release\nslug: release\nprivacy:\n  view: public",
        "id: AT-1\ntitle: T\nversion: 1.0.1\nstatus: draft\nowner: x\nup: ['[[A]]']",
        "layout: page\ntags: [a]\ndate: 2026-01-01",
        "sidebar_position: 3\nsidebar_label: Go-live",
    ] {
        let read = reading(&format!("---\n{yaml}\n---\n# Doc\n- [ ] a\n"));
        let codes: Vec<_> = read.diagnostics.iter().map(|f| (f.code, f.severity)).collect();
        assert_eq!(codes, [("HP019", Severity::Note)], "{yaml}");
    }
}

#[test]
fn a_mistyped_key_of_ours_never_hides_behind_those_of_another_tool() {
    for key in [
        "polciy: strict",
        "polices: x",
        "rolse: []",
        "role: CTO",
        "gate: x",
        "Gates: x",
        "parms: []",
        "parameters: []",
        "enviroment: prod",
        "environments: [a]",
        "env_vars: []",
        "vars: []",
        "windw: x",
        "sign-offs: x",
        "sign_off: x",
        "approvers: x",
        "release_policy: x",
        "whatever:\n  - name: A\n    required: true",
        "who:\n  - name: A\n    quorum: 2",
    ] {
        let read = reading(&format!("---\nlayout: page\ntags: [a]\n{key}\n---\n- [ ] a\n"));
        let wrong = read.diagnostics.iter().filter(|found| found.code == "HP002").count();
        assert_eq!(wrong, 3, "{key}: {:?}", read.diagnostics);
    }
}

#[test]
fn an_alias_bomb_is_refused() {
    let mut yaml = "title: x\na0: &a0 [x,x,x,x,x,x,x,x,x]\n".to_owned();
    for level in 1..12 {
        let before = format!("*a{}", level - 1);
        let list = vec![before; 9].join(",");
        yaml.push_str(&format!("a{level}: &a{level} [{list}]\n"));
    }
    let read = reading(&format!("---\n{yaml}---\n- [ ] a\n"));
    assert!(!errors(&read).is_empty());
}

#[test]
fn sign_off_lines_make_a_gate_and_the_rest_another() {
    let read = checklist(
        "# T\n## Before\n- [ ] a\n## 3. ✅ Sign-Off\n- **Tech Lead**: ____ Date: ____\n- Operations Team: ____ Date: ____\n### Final\n- [ ] Security approval: ____ Date: __\n- [ ] All tests passing: ____ Date: __\n## After\n- [ ] b\n## Rollback\n- [ ] c\n",
    );
    assert_eq!(read.gates.len(), 2);
    assert_eq!(read.gates[0].name, "Sign-Off");
    assert_eq!(roles(&read.gates[0]), ["Tech Lead", "Operations Team", "Security"]);
    assert_eq!(read.gates[1].name, "Completion");
    let gates: Vec<_> = read.items.iter().map(|item| item.gate).collect();
    assert_eq!(gates, [Some(0), Some(0), Some(0), Some(1), None]);
}

#[test]
fn decisions_make_gates_and_no_items() {
    let read = checklist(
        "## Day 2\n- [ ] a\n\n**Decision**: ☐ GO ☐ NO-GO\n\n☐ YES ☐ NO\n## Day 3\n- [ ] b\n\n☐ GO ☐ NO-GO\n",
    );
    assert_eq!(texts(&read), ["a", "b"]);
    let names: Vec<_> = read.gates.iter().map(|gate| gate.name.as_str()).collect();
    assert_eq!(names, ["Day 2", "Day 3"]);
}

#[test]
fn options_of_a_choice_are_no_items() {
    let read = checklist(
        "# UAT\n- [ ] a\n\n## Final decision\n- [ ] **PASS** - ready\n- [ ] **CONDITIONAL** - see notes\n- [x] **FAIL** - not ready\n\n## After\nRestore from (choose one):\n- [ ] the snapshot\n- [ ] the dump\n\n### Then\n- [ ] Pass the baton\n- [ ] Fail over to B\n",
    );
    assert_eq!(texts(&read), ["a", "Pass the baton", "Fail over to B"]);
    assert_eq!(read.gates[0].name, "Final decision");
    let read = checklist("## T1\n- [ ] a\n- [ ] b\n\nResult:\n\n* [ ] PASS\n* [ ] FAIL\n");
    assert_eq!((texts(&read), read.gates.len()), (vec!["a", "b"], 1));
    assert_eq!(read.gates[0].name, "Release");
}

#[test]
fn a_task_beside_the_sides_of_a_question_stays_an_item() {
    for list in [
        "- [ ] GO\n- [ ] NO-GO\n- [ ] Legal signed\n",
        "- [ ] Pass\n- [ ] Fail\n- [ ] Drained the queue\n",
        "1. [ ] Passed: unit tests\n2. [ ] Failed: retries looked at\n",
        "- [ ] Yes-men told\n- [ ] No backups deleted\n",
    ] {
        let read = checklist(&format!("## A\n\n{list}"));
        assert_eq!(read.items.len(), list.lines().count(), "{list}");
    }
    for label in ["Expected actions before launch:", "Expected results:"] {
        let read = checklist(&format!("## A\n\n{label}\n\n- ☑ Docs\n- ☐ Legal\n- [ ] Pen test\n"));
        assert_eq!(read.items.len(), 3, "{label}");
    }
    let read =
        checklist("## A\n\n- [ ] a\n\nExpected results:\n\n* ✅ Redis: PONG\n* ✅ Pods: up\n");
    assert_eq!(texts(&read), ["a"]);
}

#[test]
fn a_list_of_labels_under_signatures_names_roles() {
    let read =
        checklist("- [ ] a\n\n## Go-live\n\nAssinaturas:\n\n- Produto:\n- Segurança:\n- Data:\n");
    assert_eq!(roles(&read.gates[0]), ["Produto", "Segurança"]);
}

#[test]
fn sign_offs_are_read_in_the_forms_that_people_use() {
    for (body, wanted) in [
        (
            "**DevOps Lead:**\n- Name: ____\n- Signature: ____\n\n**Owner of data:**\n- Date: ____\n",
            vec!["DevOps Lead", "Owner of data"],
        ),
        (
            "- **Deployed By**: **\\*\\***\\_\\_\\_**\\*\\***\n- **Approved By**: ____\n",
            vec!["Deployed By", "Approved By"],
        ),
        (
            "- [ ] **Security Lead** - audit completed\n- [ ] **Scan** - clean\n",
            vec!["Security Lead"],
        ),
    ] {
        let read = checklist(&format!("- [ ] a\n\n## Sign-off\n\n{body}"));
        assert_eq!(roles(&read.gates[0]), wanted, "{body}");
    }
}

#[test]
fn a_choice_in_words_is_a_decision() {
    for line in [
        "决定：`GO` / `NO-GO`",
        "| Security | `GO / NO-GO` | |",
        "- 決策：`Go / Conditional Go / No-Go`",
    ] {
        let table =
            if line.starts_with('|') { "| Area | Result | Owner |\n|---|---|---|\n" } else { "" };
        let read =
            checklist(&format!("- [ ] a\n\n## Record\n\n{table}{line}\n\n## Next\n- [ ] b\n"));
        assert_eq!((read.gates.len(), read.gates[0].name.as_str()), (2, "Record"), "{line}");
    }
    assert_eq!(checklist("- [ ] a\n\n## Go / no-go\n\ntext: a / b, or yes/no\n").gates.len(), 1);
}

#[test]
fn sign_offs_that_cannot_be_read_are_never_dropped() {
    for body in ["- Tech Lead: see below\n", "| Who | When |\n|---|---|\n| x | |\n", "Name: ____\n"]
    {
        let read = reading(&format!("- [ ] a\n\n## Sign-off\n\n{body}"));
        assert!(read.checklist.gates[0].unreadable, "{body}");
        assert!(read.diagnostics.iter().any(|finding| finding.code == "HP009"), "{body}");
    }
    let read = checklist("## Change approval\n- [ ] ticket approved\n");
    assert!(!read.gates[0].unreadable);
}

#[test]
fn nobody_hides_a_gate_in_a_comment_or_in_code() {
    let read = checklist(
        "- [ ] a\n\n<!--\n**CTO**: ____ Date: ____\n☐ GO ☐ NO-GO\n-->\n\n```\n**CEO**: ____ Date: ____\n```\n",
    );
    assert_eq!((read.gates.len(), read.gates[0].roles.len()), (1, 0));
}

#[test]
fn a_declared_role_keeps_its_quorum_and_id_where_the_document_names_it() {
    let read = checklist(
        "---\nroles:\n  - name: 技术负责人\n    id: tech\n    quorum: 2\n---\n- [ ] a\n\n## Sign-off\n**技术负责人**: ____ Date: ____\n",
    );
    let role = &read.gates[0].roles[0];
    assert_eq!((role.slug.as_str(), role.quorum), ("tech", 2));
    assert!(!errors(&reading("## Sign-off\n**技术负责人**: ____ Date: ____\n")).is_empty());
}

#[test]
fn a_declared_gate_does_not_drop_who_signs_there() {
    let read = checklist(
        "---\ngates:\n  - name: Go-live\n    section: Sign-off\n---\n- [ ] a\n\n## Sign-off\n**CTO**: ____ Date: ____\n",
    );
    assert_eq!(read.gates.len(), 1);
    assert_eq!((read.gates[0].name.as_str(), roles(&read.gates[0])), ("Go-live", vec!["CTO"]));
}

#[test]
fn a_declared_role_that_signs_nowhere_is_an_error() {
    let text =
        "---\nroles:\n  - name: CISO\n---\n- [ ] a\n\n## Sign-off\n**CTO**: ____ Date: ____\n";
    assert_eq!(errors(&reading(text)), ["role `CISO` signs at no gate"]);
    let read = checklist("---\nroles:\n  - name: CISO\n---\n- [ ] a\n");
    assert_eq!(roles(&read.gates[0]), ["CISO"]);
}

#[test]
fn boxes_are_items_in_entries_lines_and_columns() {
    let read = checklist(
        "- ☐ one\n- ☑ two\n  - [ ] child\n\n☐ three `#t`\n☐ four\n\n| # | What | Done |\n|---|---|---|\n| 1 | five | ☐ |\n| 2 | six | ☑ |\n\n| A | B |\n|---|---|\n| x | ✅ |\n",
    );
    assert_eq!(texts(&read), ["one", "two", "child", "three", "four", "five", "six"]);
    assert_eq!((read.items[3].id.as_str(), read.items[4].line), ("t", 6));
    assert_eq!(read.items[2].parent, Some(1));
    assert_eq!(own_text(&read, 3), "☐ three `#t`\n");
}

#[test]
fn a_playbook_is_not_on_standby_as_a_whole() {
    let read = checklist("# Rollback Playbook\n## Now\n- [ ] a\n## Appendix\n- [ ] b\n");
    let gates: Vec<_> = read.items.iter().map(|item| item.gate).collect();
    assert_eq!(gates, [Some(0), None]);
}

#[test]
fn a_heading_that_is_on_standby_in_passing_is_doubted() {
    for title in ["Disable emergency mode", "Deploy (in an emergency use the old script)"] {
        assert!(codes(&format!("# T\n\n## {title}\n\n- [ ] a\n")).contains(&"HP017"), "{title}");
    }
    for title in [
        "Rollback",
        "3. Rollback Plan",
        "Phase 4: Emergency contacts",
        "Database rollback",
        "Deploy",
    ] {
        assert!(!codes(&format!("# T\n\n## {title}\n\n- [ ] a\n")).contains(&"HP017"), "{title}");
    }
}

#[test]
fn doubts_are_warnings() {
    assert!(codes("- [ ] a\n\n```\nnever closed\n- [ ] b\n").contains(&"HP011"));
    assert!(codes("- [ ] GO\n- [ ] test\n").contains(&"HP013"));
    assert!(codes("just text\n").contains(&"HP006"));
}

#[test]
fn other_files_are_refused_with_their_place() {
    let cases: [(&[u8], &str); 4] = [
        (b"a\nb\0c", "a.md:2:2: a zero byte"),
        (b"a\n- [ ] b\r- [ ] c\n", "a.md:2:8: a carriage return"),
        (b"a\n\xc3\x28", "a.md:2:1: byte 0xc3"),
        (b"\xfe\xff\0a", "a.md: the file is UTF-16"),
    ];
    for (bytes, message) in cases {
        let error = read("a.md", bytes).expect_err("refused");
        assert!(error.to_string().starts_with(message), "{error}");
    }
}

#[test]
fn deep_nesting_is_refused_and_never_overflows() {
    let steps: String = (0..3000).map(|depth| format!("{}- [ ] a\n", "  ".repeat(depth))).collect();
    let cases =
        [steps, ">".repeat(100_000), "- ".repeat(100_000), format!("{}x", "1. ".repeat(10_000))];
    for text in cases {
        assert!(read("a.md", text.as_bytes()).is_err());
    }
    // Inline nesting has no bound in the parser.
    let emphasis = format!("- [ ] {}a{}\n", "*a **b ".repeat(5000), "** *".repeat(5000));
    assert_eq!(reading(&emphasis).checklist.items.len(), 1);
    assert_eq!(reading(&format!("- [ ] {}\n", "![".repeat(20_000))).checklist.items.len(), 1);
}

#[test]
fn damaged_documents_never_panic() {
    let whole = "---\ntitle: T\nparams:\n  - name: A\n---\n# T\n## 1. İ ☐\n- [ ] **a** `#b` (optional) @c\n  - ☐ d\n  ```bash check\n  true # Expected: x\n  ```\n\n| Role | Signature |\n|---|---|\n| İİ aprobación | ___ |\n\n**Tech Lead**: ____ Date: ____ ☐ GO ☐ NO-GO\n";
    for cut in 0..whole.len() {
        for insert in ["", "\n", "`", "- [ ] ", "\t", "☐", "|", "> ", "```bash check\n"] {
            let mut bytes = whole.as_bytes()[..cut].to_vec();
            bytes.extend(insert.as_bytes());
            bytes.extend(&whole.as_bytes()[(cut + cut % 7).min(whole.len())..]);
            if let Ok(reading) = read("a.md", &bytes) {
                let count = reading.checklist.gates.len();
                assert!(count > 0);
                assert!(reading.checklist.items.iter().all(|item| !item.spans.is_empty()));
                assert!(
                    reading
                        .checklist
                        .items
                        .iter()
                        .all(|item| item.gate.is_none_or(|at| at < count))
                );
            }
        }
    }
}

#[test]
fn long_lists_in_front_matter_are_refused_and_nothing_comes_of_them() {
    let roles: String = (0..300).map(|n| format!("- name: R {n}\n")).collect();
    let read = reading(&format!("---\nroles:\n{roles}---\n\n- [ ] One\n"));
    assert!(errors(&read)[0].contains("more than 256 entries"), "{:?}", read.diagnostics);
    assert!(read.checklist.gates[0].roles.is_empty());
}

#[test]
fn many_roles_at_many_gates_are_an_error_and_not_a_product() {
    let roles: String = (0..100).map(|n| format!("- name: R {n} Lead\n")).collect();
    let gates: String =
        (0..200).map(|n| format!("## G {n}\n\n- [ ] One\n\n☐ GO ☐ NO-GO\n\n")).collect();
    let read = reading(&format!("---\nroles:\n{roles}---\n\n{gates}"));
    assert!(errors(&read)[0].contains("100 roles at each of so many gates"));
    let signatures: usize = read.checklist.gates.iter().map(|gate| gate.roles.len()).sum();
    assert_eq!(signatures, 10_000);
}

#[test]
fn gates_of_one_name_are_numbered() {
    let text = "## Approval\n\n**Tech Lead**: ____ Date: ____\n\n".repeat(3);
    let names: Vec<String> = checklist(&text).gates.iter().map(|gate| gate.name.clone()).collect();
    assert_eq!(names, ["Approval", "Approval 2", "Approval 3"]);
}

#[test]
fn a_line_that_somebody_signs_and_dates_names_a_role_whatever_the_heading_says() {
    let body = "# T\n\n- [ ] a\n\n## Go-live decision\n\n**Head of Payments**: ____ Date: ____\n";
    assert_eq!(roles(&checklist(body).gates[0]), ["Head of Payments"]);
    // What is declared signs by its name alone.
    let declared =
        "---\nroles:\n  - name: DPO\n---\n# T\n\n- [ ] a\n\n## Go-live\n\n- dpo: ______\n";
    assert_eq!(roles(&checklist(declared).gates[0]), ["DPO"]);
    let other = "# T\n\n- [ ] a\n\n## Facts\n\n**Version**: ____\n\nDPO: ______\n";
    assert_eq!(roles(&checklist(other).gates[0]), Vec::<&str>::new());
}
