//! A repository with people who have keys: real ones, made by `ssh-keygen` in the test's folder.

use std::process::Command;

use super::{Case, Done};

/// A case whose policy pins keys.
pub(crate) struct Desk {
    pub case: Case,
}

/// What a test's people may sign, by role.
const ACTS: &[&str] = &["signoff", "waived", "decided", "void", "policy", "attested", "forgotten"];

impl Desk {
    /// A checklist, and a policy that is not pinned yet.
    pub(crate) fn with(checklist: &str, policy: &str) -> Self {
        let case = Case::with(checklist).set("USER", "runner");
        case.write("holdpoint.toml", policy);
        Self { case }
    }

    /// Makes a key for somebody who signs for roles, and adds their line; options come before the key.
    pub(crate) fn key(&self, name: &str, roles: &[&str], options: &str) -> &Self {
        self.make_key(name, &["-t", "ed25519"]);
        self.line(name, name, roles, options)
    }

    pub(crate) fn make_key(&self, file: &str, kind: &[&str]) {
        let path = self.case.path().join(file);
        let output = Command::new("ssh-keygen")
            .args(["-q", "-N", "", "-C", file, "-f"])
            .arg(path)
            .args(kind)
            .output()
            .expect("ssh-keygen is installed (apt-get install openssh-client)");
        assert!(output.status.success(), "{output:?}");
    }

    /// Adds a line for a principal with the key in a file.
    pub(crate) fn line(&self, name: &str, key: &str, roles: &[&str], options: &str) -> &Self {
        let spaces: Vec<String> = roles
            .iter()
            .flat_map(|role| ACTS.iter().map(move |act| format!("{role}.{act}@holdpoint")))
            .collect();
        let public = self.case.read(&format!("{key}.pub"));
        let options = if options.is_empty() { String::new() } else { format!(",{options}") };
        let line =
            format!("{name}@example.com namespaces=\"{}\"{options} {public}", spaces.join(","));
        let path = "ledger/keys/allowed_signers";
        let known = std::fs::read_to_string(self.case.path().join(path)).unwrap_or_default();
        self.case.write(path, known + &line);
        self
    }

    /// Pins what is in the work tree.
    pub(crate) fn pin(&self, more: &[&str]) -> Done {
        self.case.run(&[&["policy", "--pin", "--yes"], more].concat())
    }

    /// As somebody else on another machine.
    pub(crate) fn by(&self, user: &str, arguments: &[&str]) -> Done {
        self.case.command(arguments).env("USER", user).output().expect("the binary starts").into()
    }

    /// Somebody says something for a role, with the key of their name.
    pub(crate) fn sign(&self, name: &str, role: &str, says: &str) -> Done {
        let arguments = ["sign", "--role", role, says, "--reason", "so", "--key", name, "--yes"];
        self.by(name, &arguments)
    }

    /// Where the run stands: `GO`, `HOLD` or `NO-GO` by the exit code.
    pub(crate) fn call(&self) -> &'static str {
        let done = self.case.run(&["status"]);
        match done.code {
            0 => "GO",
            10 => "HOLD",
            20 => "NO-GO",
            _ => panic!("{done:?}"),
        }
    }
}

/// Writes into a ledger what no command would: an attacker's hand.
impl Desk {
    /// The entries of a kind, newest last.
    pub(crate) fn entries(&self, kind: &str) -> Vec<serde_json::Value> {
        let log = self.case.run(&["log", "--format", "json"]).exits(0).json();
        let all = log["entries"].as_array().expect("entries").clone();
        all.into_iter().filter(|entry| kind.is_empty() || entry["kind"] == kind).collect()
    }

    /// The short id of the newest entry of a kind.
    pub(crate) fn last(&self, kind: &str) -> String {
        let entries = self.entries(kind);
        entries.last().expect("an entry")["id"].as_str().expect("an id")[..12].to_owned()
    }

    /// Appends an entry behind all that there is.
    pub(crate) fn forge(&self, kind: &str, body: serde_json::Value) {
        let entries = self.entries("");
        self.forge_behind(entries.last().expect("an entry"), kind, body);
    }

    /// Appends an entry that knows of nothing behind another.
    pub(crate) fn forge_behind(
        &self,
        last: &serde_json::Value,
        kind: &str,
        body: serde_json::Value,
    ) {
        let count = self.case.files("ledger/inbox", ".jsonl").len();
        let seq = last["seq"].as_i64().expect("a number") + 1;
        let line = serde_json::json!({
            "at": last["at"], "body": body, "kind": kind, "prev": [last["id"]], "seq": seq, "v": 1,
            "writer": { "id": format!("eve@{count}"), "n": 1 },
        });
        let mut line = holdpoint::json::canonical(&line).expect("canonical");
        line.push(b'\n');
        self.case.write(&format!("ledger/inbox/forged-{count}.jsonl"), line);
    }
}
