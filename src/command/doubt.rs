//! Words that make any command doubtful, whatever the table of programs says of it.
//!
//! A table cannot know every option of every program. Where a word that acts stands beside one that
//! looks, nobody can tell; better a look too many that people mark themselves than one that acts.

use super::table::TABLE;
use super::word::Word;

/// Programs whose arguments are texts and names, and tell nothing of what they do.
const TEXT: &[&str] = &[
    "groups",
    "passwd",
    "cast",
    "id",
    "getent",
    "grep",
    "egrep",
    "fgrep",
    "rg",
    "echo",
    "printf",
    "test",
    "[",
    "cat",
    "head",
    "tail",
    "wc",
    "ls",
    "jq",
    "yq",
    "cut",
    "tr",
    "uniq",
    "nl",
    "stat",
    "file",
    "which",
    "type",
    "command",
    "dig",
    "nslookup",
    "host",
    "ping",
    "journalctl",
    "pgrep",
    "ps",
    "diff",
    "comm",
    "basename",
    "dirname",
    "readlink",
    "realpath",
    "column",
    "tree",
    "du",
    "df",
    "find",
    "sha256sum",
    "md5sum",
    "date",
    "sleep",
    "cd",
    "true",
    "false",
    ":",
    "curl",
    "wget",
    "psql",
    "mysql",
    "sqlite3",
    "redis-cli",
    "mongosh",
    "mongo",
    "awk",
    "sed",
    "python",
    "python3",
    "node",
    "ruby",
    "perl",
    "php",
];

/// Words that act, as an argument of their own or as a part of one (`db:migrate`).
const ACTS: &[&str] = &[
    "deploy",
    "publish",
    "delete",
    "remove",
    "rm",
    "drop",
    "destroy",
    "purge",
    "install",
    "uninstall",
    "upgrade",
    "migrate",
    "push",
    "apply",
    "create",
    "restart",
    "stop",
    "start",
    "kill",
    "flush",
    "reset",
    "rollback",
    "undo",
    "send",
    "upload",
    "init",
    "set",
    "set-config",
    "add",
    "put",
    "enable",
    "disable",
    "import",
    "restore",
    "repair",
    "rotate",
    "revoke",
    "grant",
    "approve",
    "merge",
    "release",
    "promote",
    "execute",
    "invoke",
    "write",
    "update",
    "prune",
    "clean",
    "format",
    "format-volume",
    "tx",
    "call",
    "pull",
    "clone",
    "fetch",
    "login",
    "logout",
    "register",
    "verify-email-identity",
    "get-export",
    "get-object-torrent",
    "get-job-output",
    "perf",
    "datascale",
];

/// Options with which a look does more.
const OPTIONS: &[&str] = &[
    "+r",
    "--exec",
    "--execute",
    "--fix",
    "--repair",
    "--apply",
    "--write",
    "--force",
    "--delete",
    "--unset",
    "--post-renderer",
    "--enable-exec",
    "--init-command",
    "--upload-pack",
    "--receive-pack",
    "--checkpoint-action",
    "--log-file",
    "--output-file",
    "--no-dry-run",
    "--perf",
    "-sess_out",
    "-keyout",
    "-newkey",
    "--pre",
    "--use-askpass",
    "--config-env",
];

/// Variables that change how other programs behave.
const VARIABLES: &[&str] = &[
    "PS4",
    "PAGER",
    "MANPAGER",
    "LESSOPEN",
    "LESSCLOSE",
    "BASH_ENV",
    "ENV",
    "PROMPT_COMMAND",
    "IFS",
    "PATH",
    "NODE_OPTIONS",
    "JAVA_TOOL_OPTIONS",
    "_JAVA_OPTIONS",
    "EDITOR",
    "VISUAL",
    "BROWSER",
    "SHELLOPTS",
    "BASHOPTS",
    "PERL5OPT",
    "RUBYOPT",
    "CLASSPATH",
];

const PREFIXES: &[&str] = &["LD_", "DYLD_", "GIT_", "PYTHON", "BASH_FUNC"];

/// Services that look at their configuration when they are told to, and serve otherwise.
const SERVICES: &[&str] = &[
    "haproxy", "varnishd", "squid", "sshd", "dovecot", "postfix", "coredns", "nginx", "httpd",
    "apache2",
];

/// Programs that do what a remote end, a file or an argument says, and are known for looking.
const OPEN: &[&str] =
    &["zabbix_get", "check_by_ssh", "check_nrpe", "httpstat", "gawk", "newgrp", "sg", "timeit"];

/// Why a command that seems only to look may do more.
pub(super) fn may_act(words: &[Word], text: &str) -> Option<String> {
    // `GIT_SSH_COMMAND=x git fetch`: what stands before a program is no word of it.
    let before = text.split_whitespace().take_while(|part| part.contains('='));
    if let Some(name) = before.filter_map(risky_variable).next() {
        return Some(format!("`{name}` changes how programs behave"));
    }
    let program = words.first().map(|word| name(&word.text)).unwrap_or_default();
    let asks = |word: &Word| {
        let text = word.text.as_str();
        matches!(
            text,
            "-t" | "-T"
                | "-tt"
                | "-c"
                | "-V"
                | "-v"
                | "-vv"
                | "--version"
                | "-S"
                | "check"
                | "parse"
                | "configtest"
        )
    };
    if SERVICES.contains(&program) && (words.len() > 4 || !words.iter().any(asks)) {
        return Some(format!("`{program}` serves, unless it is told to look at its configuration"));
    }
    if OPEN.contains(&program) {
        return Some(format!("`{program}` does what it is told elsewhere"));
    }
    if let Some(name) = words.iter().find_map(|word| risky_variable(&word.text)) {
        return Some(format!("`{name}` changes how programs behave"));
    }
    let more = |word: &&Word| {
        let text = word.text.as_str();
        let name = text.split('=').next().unwrap_or_default();
        OPTIONS.contains(&name)
            || ["--dry-run=false", "--dry-run=none", "--dry-run=no"].contains(&text)
            || text.starts_with("ext::")
            || text.contains("ProxyCommand")
            || text.contains("core.sshCommand")
            || text.starts_with("diff.external")
            || text.starts_with("credential.helper")
            || text.starts_with("alias.")
    };
    if let Some(word) = words.iter().skip(1).find(more) {
        return Some(format!("`{}` may do more than look", brief(&word.text)));
    }
    let names: Vec<&str> = words.iter().map(|word| name(&word.text)).collect();
    // Behind `sudo`, `ssh host` and the like the program that counts stands further on.
    if names.iter().any(|name| TEXT.contains(name)) {
        return None;
    }
    // A rehearsal, a question or a help says what would be done.
    let rehearses = |word: &Word| {
        let text = word.text.as_str();
        matches!(
            text,
            "--help"
                | "--dry-run"
                | "--dry-run=client"
                | "--dry-run=server"
                | "can-i"
                | "--command"
        ) || matches!(text, "-n" | "--just-print" | "--check")
            && matches!(names[0], "make" | "git" | "rsync")
    };
    if words.iter().any(rehearses) {
        return None;
    }
    let acts = |word: &&Word| {
        let lower = word.text.to_lowercase();
        !lower.starts_with('-')
            && !lower.contains(['/', '=', ' ', '$', '{', '.', '@'])
            && lower.split(':').any(|part| ACTS.contains(&part))
    };
    let word = words.iter().skip(1).find(acts)?;
    Some(format!("`{}` among its words may act", brief(&word.text)))
}

/// Whether a file among the arguments holds secrets, and may be shown.
pub(super) fn may_show_secrets(words: &[Word]) -> bool {
    const FILES: &[&str] = &[
        "cat", "bat", "head", "tail", "less", "more", "nl", "tac", "od", "xxd", "hexdump",
        "strings", "base64", "awk", "gawk", "sed", "sort", "uniq", "cut", "tr", "paste", "column",
        "jq", "yq", "diff", "comm", "fold", "rev",
    ];
    let program = words.first().map(|word| name(&word.text)).unwrap_or_default();
    const SHOWN: &[&str] = &["--template", "--raw", "-ojson", "-oyaml"];
    // `-o name` shows none of what is in it.
    let format = |word: &Word| {
        let value = word.text.rsplit('=').next().unwrap_or_default();
        ["yaml", "json", "jsonpath", "go-template", "custom-columns"]
            .iter()
            .any(|format| value.starts_with(format) || word.text.starts_with(format))
    };
    const ASKED: &[&str] = &[
        "list-keys",
        "get-password-data",
        "get-authorization-token",
        "get-login-password",
        "batch-get-secret-value",
        "genrsa",
        "genpkey",
        "get-session-token",
        "show-connection-string",
        "environ",
        "print-access-token",
    ];
    let is = |word: &Word, list: &[&str]| {
        list.contains(&word.text.split('=').next().unwrap_or_default())
    };
    let secrets =
        |word: &Word| word.text.split([',', '/']).any(|part| matches!(part, "secret" | "secrets"));
    let shown =
        words.iter().any(secrets) && words.iter().any(|word| is(word, SHOWN) || format(word));
    let asked = words.iter().any(|word| {
        is(word, ASKED) || word.text.contains("pg_shadow") || word.text.contains(".Config.Env")
    }) || program == "openssl"
        && words.iter().any(|word| matches!(word.text.as_str(), "rand" | "rsa" | "pkey" | "ec"))
        || program == "oc" && words.iter().any(|word| word.text == "-t");
    if shown || asked || words.iter().any(|word| word.text.ends_with(".kube/config")) {
        return true;
    }
    FILES.contains(&program)
        && words
            .iter()
            .skip(1)
            .any(|word| !word.text.starts_with('-') && TABLE.words.files.is_secret(&word.text))
}

fn risky_variable(word: &str) -> Option<&str> {
    let (name, _) = word.split_once('=')?;
    let plain = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte == b'_' || byte.is_ascii_digit());
    let risky = VARIABLES.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix));
    (plain && risky).then_some(name)
}

/// A program without its folder.
fn name(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

fn brief(text: &str) -> String {
    text.chars().take(40).collect()
}
