//! A repository with people who have keys: real ones, made by `ssh-keygen` in the test's folder.

use std::process::Command;

use super::{Case, Done};

/// A case whose policy pins keys.
pub(crate) struct Desk {
    pub case: Case,
}

/// What a test's people may sign, by role.
const ACTS: &[&str] = &["signoff", "waived", "decided", "void", "policy", "attested"];

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
        let line = format!("{name}@example.com namespaces=\"{}\"{options} {public}", spaces.join(","));
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
