//! Transcripts, through the real binary.

use crate::support::{Case, Done};

fn run(transcript: &str) -> Done {
    let transcript = transcript.replace('\n', "\n  ");
    let list = format!(
        "---\nparams:\n  - name: WHO\n    default: \"[..]\"\n---\n# R\n\n- [ ] One `#one`\n  ```console check\n  {transcript}\n  ```\n"
    );
    Case::with(&list).run_list()
}

#[test]
fn what_is_printed_as_it_is_shown_passes() {
    let transcript = "# timeout: 10s\n$ printf 'a  b\\nc\\n'\na  b\nc\n\n$ cd /\n$ pwd\n/\n$ seq 5\n1\n...\n5\n$ echo v1.2.3\nv[..].3\n$ for n in 1 2; do\n>   echo \"$n\"\n> done\n1\n2\n$ sh -c 'echo oops >&2; exit 3'\n[exit 3]\n$ sh -c 'echo err >&2' 2>&1\nerr\n$ echo \"$WHO\"\n{{WHO}}\n$ nothing-like-this\n# expect: stderr contains \"not found\"\n# expect: exit == 127";
    run(transcript).exits(0);
}

#[test]
fn what_differs_fails_at_the_first_line_that_does() {
    for (transcript, told) in [
        ("$ printf 'a\\nb\\n'\na\nc", "line 2: `b`, not `c`"),
        ("$ echo a\n$ echo b\nb", "line 1: `a`, and no such line is expected"),
        ("$ echo a\na\nb", "line 2: the end of the output, not `b`"),
        ("$ seq 3\n1\n...\n5\n...", "no `5` from line 2 on"),
        ("$ echo a\n[..]b", "line 1: `a`, not `[..]b`"),
        ("$ false", "exit 1"),
        ("$ true\n[exit 1]", "exit 0"),
        ("$ echo ab\n{{WHO}}", "line 1: `ab`"),
    ] {
        run(transcript).exits(20).says(told);
    }
}

#[test]
fn what_cannot_be_compared_is_an_error() {
    run("$ printf '\\377\\n'\n...").exits(20).says("no text in UTF-8");
    run("$ head -c 2000000 /dev/zero | tr '\\0' a\n...").exits(20).says("too long to be compared");
    run("$ exit 0").exits(20).says("error");
    run("echo a\na").exits(20).says("HP151");
}
