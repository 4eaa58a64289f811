//! Documents in shapes that some reader somewhere takes too long for, at any size. The bench measures
//! how their cost grows, the tests beside this file ask for the properties of small ones.

/// A shape, and a document of about so many bytes in it.
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    pub(crate) of_size: Box<dyn Fn(usize) -> String>,
}

/// What people write, again and again.
const ORDINARY: &str = "\
## Step N

Prose with **strong** words and a [link](https://example.com/) for those who read it.

- [ ] **Item N** `#id-N`
  ```bash check
  # Disk
  df -h
  # Expected: N
  ```
- [x] Done N
  - [ ] Inside N

| a | b |
|---|---|
| 1 | 2 |

";

/// All shapes, the ordinary one first.
pub(crate) fn all() -> Vec<Shape> {
    let mut shapes = vec![document("ordinary", "", ORDINARY)];
    shapes.extend(documents());
    shapes.extend(in_front());
    shapes.extend(scripts());
    shapes
}

fn shape(name: &'static str, of_size: impl Fn(usize) -> String + 'static) -> Shape {
    Shape { name, of_size: Box::new(of_size) }
}

/// A beginning, and pieces in which `N` counts.
fn document(name: &'static str, head: &'static str, piece: &'static str) -> Shape {
    shape(name, move |size| format!("{head}{}", pieces(piece, size)))
}

fn pieces(piece: &str, size: usize) -> String {
    let mut text = String::with_capacity(size + piece.len());
    for n in 0.. {
        if text.len() >= size {
            break;
        }
        match piece.contains('N') {
            true => text.push_str(&piece.replace('N', &n.to_string())),
            false => text.push_str(piece),
        }
    }
    text
}

fn documents() -> Vec<Shape> {
    let nested: &'static str =
        (0..45).map(|depth| format!("{}- [ ] N\n", "  ".repeat(depth))).collect::<String>().leak();
    let quoted: &'static str = format!("{} - [ ] N\n\n", "> ".repeat(45)).leak();
    let mut shapes: Vec<Shape> = [
        ("headings", "", "## N\n"),
        ("headings of every depth", "", "# N\n## N\n### N\n#### N\n##### N\n###### N\n"),
        ("ever deeper headings", "# R\n## Approval\n", "### Approval\n#### N\n"),
        ("sections that sign", "", "## Approval\n\n**Tech Lead**: ____ Date: ____\n\n"),
        ("sections that sign, unreadable", "", "## Approval N\n\n- a ____\n\n- [ ] b\n\n"),
        ("roles of one section", "## Sign-off\n\n", "**N Lead**: ____ Date: ____\n"),
        (
            "a table of roles",
            "## Sign-off\n\n| Role | Name | Date |\n|---|---|---|\n",
            "| N | | |\n",
        ),
        ("decisions", "", "## N\n\n☐ GO ☐ NO-GO\n\n"),
        ("sections on standby", "", "## Rollback N\n\n- [ ] a\n\n"),
        ("lists as deep as they may be", "", nested),
        ("quotes as deep as they may be", "", quoted),
        ("items of one name", "", "- [ ] a\n"),
        ("items of one name that are far apart", "", "- [ ] a\n- [ ] a-N\n"),
        ("items of one identity", "", "- [ ] a `#a`\n"),
        ("items below one", "- [ ] a\n", "  - [ ] N\n"),
        (
            "items with long names",
            "",
            "- [ ] N lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do\n",
        ),
        ("boxes in one paragraph", "", "☐ N\n"),
        ("boxes of a table", "| ☐ | a |\n|---|---|\n", "| ☐ | N |\n"),
        ("near boxes of a table", "| a | b |\n|---|---|\n", "| [] | N |\n"),
        ("near boxes in one paragraph", "", "[] N\n"),
        ("a paragraph of many lines", "", "a\n"),
        ("blank lines", "", "\n"),
        ("blocks", "", "```\na\n```\n"),
        ("checks of one name", "", "```bash check\ntrue\n# expect: exit == 0\n```\n"),
        (
            "checks of one item",
            "- [ ] a\n",
            "  ```bash check\n  true\n  # expect: exit == 0\n  ```\n",
        ),
        ("checks that fail to compile", "", "- [ ] N\n  ```bash check\n  true |\n  ```\n"),
        (
            "checks that wait for the first",
            "- [ ] a `#a`\n",
            "- [ ] N `#iN`\n  ```bash check\n  # after: #a #i0\n  true\n  # expect: exit == 0\n  ```\n",
        ),
        (
            "checks that wait for nobody",
            "",
            "- [ ] N `#iN`\n  ```bash check\n  # after: #jN #kN #lN\n  true\n  # expect: exit == 0\n  ```\n",
        ),
        (
            "checks that save and read",
            "",
            "- [ ] N `#iN`\n  ```bash check\n  # save: VN = .v\n  echo $V1 $V2 $V3\n  # expect: exit == 0\n  ```\n",
        ),
        ("near marks", "", "```bash chekc\n```\n"),
        ("a block without a mark", "```bash\n", "rm -rf /\n"),
        ("placeholders", "```bash check\n", "ping <host-name>\n"),
        ("a line of words", "", "a "),
        ("a line of one word", "", "a"),
        ("a line of opening brackets", "- [ ] ", "["),
        ("a line of images", "- [ ] ", "!["),
        ("a line of links", "", "[a](b"),
        ("a line of links to nothing", "", "[]("),
        ("a line of addresses", "", "<a@b"),
        ("a line of bare addresses", "", "http://a.b/(("),
        ("a line of mails", "", "a@b"),
        ("a line of emphasis", "", "*a_"),
        ("a line of strong emphasis", "", "**a __b "),
        ("a line of struck text", "", "~~a~b "),
        ("a line of code", "", "`a``b```c"),
        ("a line of tags", "", "<a b='"),
        ("a line of comments", "a ", "<!-- "),
        ("a line of instructions", "a ", "<?"),
        ("a line of declarations", "a ", "<!A "),
        ("a line of character data", "a ", "<![CDATA["),
        ("a line of ampersands", "", "&a"),
        ("a line of entities", "", "&amp;"),
        ("a line of escapes", "", "\\*"),
        ("a line of cells", "|", " a |"),
        ("a line of boxes", "", "☐ a "),
        ("a line of marks", "- [ ] a", " `#a`"),
        ("a line of marks at its end", "- [ ] a", " (optional)"),
        ("an item of many lines", "- [ ] a\n", "  b `#c`\n"),
        ("definitions of links", "", "[a-N]: /b\n"),
        ("definitions and links", "", "[a-N]: /b\n\n[a-N]\n\n"),
        ("definitions that break off", "", "[a-N]: /b 'c\n"),
        ("footnotes", "", "[^N]: a\n\n"),
        ("footnotes and references", "", "a[^N]\n\n[^N]: a\n\n"),
        ("references to one footnote", "[^1]: a\n\n", "a[^1]\n"),
        ("footnotes in footnotes", "", "[^N]: a[^N]\n    [^N]: b\n"),
        ("comments that stay open", "", "<!-- a\n\n"),
        ("tags", "", "<details>\n\na\n\n</details>\n\n"),
        ("alerts", "", "> [!NOTE]\n> - [ ] N\n\n"),
        ("rules and lists", "", "- a\n* b\n+ c\n---\n"),
        ("an ordered list", "", "1. [ ] N\n"),
        ("tasks with open links", "", "- [ ] [a](b\n"),
        ("lines that continue a quote", "> a\n", "b\n"),
        ("setext headings", "", "N\n===\n\n"),
        ("tabs", "", "\t- [ ] a\n"),
        ("what cannot be seen", "", "- [ ] a\u{200b}N\n"),
        ("CRLF", "", "- [ ] N\r\n\r\n"),
    ]
    .into_iter()
    .map(|(name, head, piece)| document(name, head, piece))
    .collect();
    shapes.extend([
        shape("a wide table", |size| {
            let columns = size / 16;
            let rows = "a\n".repeat(size / 4);
            format!("{}\n{}\n{rows}", "|a".repeat(columns), "|-".repeat(columns))
        }),
        shape("links to one long address", |size| {
            format!("[a]: /{}\n\n{}", "b".repeat(size / 2), "[a] ".repeat(size / 8))
        }),
        shape("code fences of every length", |size| {
            let lengths = 1..size.isqrt();
            lengths.map(|length| format!("{}\na\n", "`".repeat(length * 2))).collect()
        }),
        shape("code spans of every length", |size| {
            (1..size.isqrt()).map(|length| format!("{}a", "`".repeat(length * 2))).collect()
        }),
    ]);
    shapes
}

/// Front matter is bounded; what stands below it is not.
fn in_front() -> Vec<Shape> {
    const SHARE: usize = 60_000;
    let framed = |name, yaml: &'static str, piece: &'static str, body: &'static str| {
        shape(name, move |size| {
            let share = SHARE.min(size / 2);
            let front = pieces(piece, share);
            format!("---\n{yaml}{front}\n---\n\n{}", pieces(body, size - share))
        })
    };
    vec![
        framed("keys in front", "", "key-N: a\n", "a\n"),
        framed("parameters in front", "params:\n", "- name: P\n", "a\n"),
        framed("anchors in front", "title: &a [a]\nenv: [", "*a,", "a\n"),
        framed("brackets in front", "title: ", "[", "a\n"),
        framed(
            "roles in front, decisions below",
            "roles:\n",
            "- name: R N\n",
            "## N\n☐ GO ☐ NO-GO\n",
        ),
        framed(
            "roles in front, others below",
            "roles:\n",
            "- name: R N\n",
            "**S N Lead**: ____ Date: ____\n\n",
        ),
        framed(
            "gates in front, headings below",
            "gates:\n",
            "- name: N\n  section: S N\n",
            "## H N\n",
        ),
        framed(
            "gates in front, decisions below",
            "gates:\n",
            "- name: N\n  section: N\n",
            "## N\n☐ GO ☐ NO-GO\n",
        ),
    ]
}

fn scripts() -> Vec<Shape> {
    let scripts = [
        ("commands", "", "echo N\n", ""),
        ("commands on one line", "", "a;", "b"),
        ("a list of commands", "", "a && ", "b"),
        ("a list of alternatives", "", "a || ", "b"),
        ("lists of commands", "", "a && b\n", ""),
        ("lists of commands on one line", "", "a && b;", "c"),
        ("lists in functions", "f() {\n", "a && b\n", "}\n"),
        ("lists in one function on one line", "f() { ", "a && b;", "}\n"),
        ("denials", "", "! a\n", ""),
        ("denials on one line", "", "! a;", "b"),
        ("denials inside one another", "", "! ", "a"),
        ("a pipeline", "", "a | ", "b"),
        ("substitutions inside one another", "", "echo $(", "a"),
        ("subshells inside one another", "", "( ", "a"),
        ("groups inside one another", "", "{ ", "exit"),
        ("expansions inside one another", "echo ", "${a:-", "b"),
        ("conditions inside one another", "", "if ", "a"),
        ("conditions", "", "if ! a; then b; fi\n", ""),
        ("conditions on one line", "", "if a && b; then c; fi; ", "d"),
        ("cases", "case a in\n", "N) a && b ;;\n", "esac"),
        ("functions", "", "f() { a && b; }\n", ""),
        ("what leaves the shell", "", "exit 1\n", ""),
        ("what leaves the shell on one line", "", "exit 1;", "b"),
        ("what hides failures", "", "set +e\n", ""),
        ("what may hide failures", "eval '", "set + ", "'"),
        ("what may hide failures, in one command", "eval ", "a ", "b"),
        ("what may hide failures, one after another", "builtin ", "builtin ", "b"),
        ("expectations", "", "true\n# expect: exit == 0\n", ""),
        ("expectations of one command", "true\n", "# expect: lines >= N\n", ""),
        ("faulty expectations", "true\n", "# expect: N\n", ""),
        ("expected lines", "true\n# Expected: a\n", "# b N\n", ""),
        ("expected texts", "", "true\n# Expected: a\n# b\n", ""),
        ("comments", "true\n", "# N\n", ""),
        ("comments behind commands", "", "true # N\n", ""),
        ("comments that look like expectations", "true\n", "# ехреct: a\n", ""),
        ("directives", "", "# timeout: 3s\n", "true\n# expect: exit == 0"),
        ("misspelt directives", "", "# timout: 3s\n", "true\n# expect: exit == 0"),
        ("here-documents that stay open", "", "cat <<E\n", ""),
        ("here-documents of many names", "", "cat <<E-N\n", ""),
        ("here-documents", "", "cat <<E\na\nE\n", ""),
        ("here-documents on one line", "", "cat <<E ", "\n"),
        ("quotes that stay open", "", "echo \"a\n", ""),
        ("words", "echo ", "a ", "b"),
        ("one word", "echo ", "a", "b"),
        ("backticks", "", "`a ", "b"),
        ("escaped line ends", "echo ", "a \\\n", "b"),
        ("tests", "[[ ", "a && ", "b ]]"),
        ("arithmetic", "echo $((", "1+(", ""),
        ("assignments", "", "a=N ", "b"),
        ("redirections", "a ", ">b ", ""),
        ("jq programs", "", "true\n# expect: .a == N\n", ""),
        ("one jq program", "true\n# expect: .", "a|.", "a\n"),
        ("brackets of one jq program", "true\n# expect: .|", "(", "a\n"),
        ("one regex", "true\n# expect: stdout matches /", "(a|b)*", "/\n"),
        ("regexes", "", "true\n# expect: stdout matches /\\w{N}\\pL{9}/i\n", ""),
        ("programs that choose a target", "", "kubectl docker aws N\n", ""),
    ];
    let mut shapes: Vec<Shape> = scripts
        .into_iter()
        .map(|(name, head, piece, tail)| script(name, "bash", head, piece, tail))
        .collect();
    let closed = |name, open: &'static str, inner: &'static str, close: &'static str| {
        shape(name, move |size| {
            let share = size.min(60_000);
            let depth = share / (open.len() + close.len());
            let script = format!("{}{inner}{}", open.repeat(depth), close.repeat(depth));
            format!("```bash check\n{script}\n# expect: exit == 0\n```\n\n").repeat(size / share)
        })
    };
    shapes.extend([
        closed("substitutions inside one another, closed", "echo $(", "a", ")"),
        closed("denials in subshells, closed", "( ! a; ", "b", ")"),
        closed("conditions inside one another, closed", "if ! a; then ", "b", "; fi"),
        closed("exits in groups inside one another", "{ exit; ", "a", "; }"),
        closed("options in groups inside one another", "{ set -e; ", "a", "; }"),
        closed("loops inside one another", "while a && b; do ", "c", "; done"),
    ]);
    for (name, head, piece, tail) in [
        ("python: statements", "", "x = N\n", ""),
        ("python: brackets", "x = ", "(", ""),
        ("python: operators", "x = ", "1 + ", "1"),
        ("python: a chain", "x", ".a()", ""),
        ("python: lambdas", "x = ", "lambda: ", "1"),
        ("python: texts that stay open", "", "x = '''\n", ""),
        ("python: comments", "x = 1\n", "# N\n", ""),
    ] {
        shapes.push(script(name, "python", head, piece, tail));
    }
    shapes
}

/// As many blocks as it takes, each as long as a check may be.
fn script(
    name: &'static str,
    language: &'static str,
    head: &'static str,
    piece: &'static str,
    tail: &'static str,
) -> Shape {
    shape(name, move |size| {
        let share = size.min(60_000);
        let script = pieces(piece, share);
        let block =
            format!("```{language} check\n{head}{script}{tail}\n# expect: exit == 0\n```\n\n");
        block.repeat(size / share)
    })
}
