//! What somebody can do who can write the repository: with every key but those of others.

use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use holdpoint::clock::Clock;
use holdpoint::config::Config;
use holdpoint::digest::Digest;
use holdpoint::flow::{self, Home, Notices};
use holdpoint::json::canonical;
use holdpoint::ledger::checkpoint::{Checkpoint, origin};
use holdpoint::ledger::merkle::Tree;
use holdpoint::note::Signer;
use holdpoint::verify::Findings;
use serde_json::{Value, json};

use crate::support::Case;

use super::story::{NOW, Story, story};

/// A copy of the good ledger, to do things to.
pub(crate) struct Attack {
    pub(crate) case: Case,
    story: &'static Story,
}

/// What any clone has.
impl Attack {
    /// As an auditor gets it: without what the machine remembers that made it.
    pub(crate) fn new() -> Self {
        Self::on(story())
    }

    /// The same of another story.
    pub(crate) fn on(story: &'static Story) -> Self {
        let attack = Self::whole(story);
        attack.case.files("ledger/inbox", ".jsonl").iter().for_each(|path| remove(path));
        attack
    }

    /// The same with the sessions' files, which are there until they are in segments.
    pub(crate) fn whole(story: &'static Story) -> Self {
        let attack = Self::at_home(story);
        fs::remove_dir_all(attack.case.path().join(".git/holdpoint")).expect("removed");
        fs::remove_file(attack.case.log_key().with_file_name("checkpoint")).expect("removed");
        attack
    }

    /// As whoever made it has it.
    pub(crate) fn at_home(story: &'static Story) -> Self {
        Self { case: story.desk.case.copy(), story }
    }

    /// The run that is GO, the one whose Tech Leads are one too few, or the one that failed.
    pub(crate) fn run(&self, at: usize) -> &str {
        &self.story.runs[at]
    }

    pub(crate) fn verify(&self) -> Findings {
        flow::verify(&self.home(), &flow::Brought::default()).expect("there is a ledger")
    }

    /// Where each run stands, in words; nothing where the ledger cannot be read.
    pub(crate) fn calls(&self) -> [&'static str; 3] {
        let home = self.home();
        [0, 1, 2].map(|at| match flow::status(&home, Some(self.run(at)), None) {
            Ok(standing) => standing.verdict().call.word(),
            Err(_) => "",
        })
    }

    fn home(&self) -> Home {
        let root = self.case.path().canonicalize().expect("a folder");
        let config = Config::read(&root);
        Home {
            private: Some(root.join(".git/holdpoint")),
            writer: "auditor@host".to_owned(),
            clock: Clock::Fixed(NOW.parse().expect("a time")),
            seals: false,
            trunk: "main".to_owned(),
            random: || Err(io::Error::other("nothing is random here")),
            config: config.unwrap_or_default(),
            user: Some(self.case.user().join("holdpoint")),
            repository: self.case.path().to_owned(),
            fonts: None,
            log_key: None,
            notices: Notices::default(),
            root,
        }
    }
}

/// Lines of the trunk.
impl Attack {
    pub(crate) fn trunk(&self) -> Vec<String> {
        self.case.read("ledger/ledger.jsonl").split_inclusive('\n').map(str::to_owned).collect()
    }

    pub(crate) fn put(&self, lines: &[String]) {
        self.case.write("ledger/ledger.jsonl", lines.concat());
    }

    /// The place of the last line that holds all of these texts.
    pub(crate) fn place(&self, texts: &[&str]) -> usize {
        let has = |line: &String| texts.iter().all(|text| line.contains(text));
        self.trunk().iter().rposition(has).expect("such a line")
    }

    /// Changes a text in the last line that holds it and all the others.
    pub(crate) fn edit(&self, of: &[&str], from: &str, to: &str) {
        let at = self.place(&[of, &[from]].concat());
        let mut lines = self.trunk();
        lines[at] = lines[at].replacen(from, to, 1);
        self.put(&lines);
    }

    /// Links the lines anew from their first to their last, so that nothing in them is wrong by itself. Those that
    /// follow several are taken as they are.
    pub(crate) fn relink(&self) {
        let mut before: Option<String> = None;
        let mut lines = Vec::new();
        for (seq, line) in self.trunk().iter().enumerate() {
            let mut value: Value = serde_json::from_str(line).expect("JSON");
            value["prev"] = json!(before.as_slice());
            value["seq"] = json!(seq);
            let line = self::line(&value);
            before = Some(id(&line));
            lines.push(line);
        }
        self.put(&lines);
    }

    /// Signs what is there, with the log's own key.
    pub(crate) fn sign_log(&self) {
        let key = fs::read_to_string(self.case.log_key()).expect("a key");
        self.sign_log_with(&key.trim().parse().expect("a key"));
    }

    pub(crate) fn sign_log_with(&self, signer: &Signer) {
        let lines = self.trunk();
        let mut tree = Tree::default();
        lines.iter().for_each(|line| tree.push(&Digest::of(line.as_bytes())));
        let size = tree.size();
        let checkpoint =
            Checkpoint { origin: origin(&self.ledger()), size, root: tree.root() }.signed(signer);
        self.case.write("ledger/checkpoint", checkpoint);
    }

    pub(crate) fn ledger(&self) -> String {
        let genesis: Value = serde_json::from_str(&self.trunk()[0]).expect("JSON");
        genesis["body"]["ledger"].as_str().expect("a name").to_owned()
    }
}

/// Entries, and new ones.
impl Attack {
    /// The last entry that holds all of these texts, with its `id`.
    pub(crate) fn entry(&self, texts: &[&str]) -> Value {
        let line = &self.trunk()[self.place(texts)];
        let mut value: Value = serde_json::from_str(line).expect("JSON");
        value["id"] = json!(id(line));
        value
    }

    /// The last entry of a kind in a run.
    pub(crate) fn of(&self, run: usize, kind: &str) -> Value {
        self.entry(&[self.run(run), &format!("\"kind\":\"{kind}\"")])
    }

    pub(crate) fn last(&self) -> Value {
        let inbox = self.case.files("ledger/inbox", ".jsonl").pop();
        let line = inbox.map(|path| fs::read_to_string(path).expect("lines"));
        let line = line.unwrap_or_else(|| self.trunk().pop().expect("a line"));
        let mut value: Value = serde_json::from_str(&line).expect("JSON");
        value["id"] = json!(id(&line));
        value
    }

    /// An entry behind all others.
    pub(crate) fn append(&self, kind: &str, body: Value) -> Value {
        self.append_behind(&self.last(), kind, body)
    }

    /// An entry that knows of nothing behind another.
    pub(crate) fn append_behind(&self, before: &Value, kind: &str, body: Value) -> Value {
        let mut entry = self.draft(before, kind, body);
        let line = self::line(&entry);
        self.append_bytes(line.as_bytes());
        entry["id"] = json!(id(&line));
        entry
    }

    /// An entry that is nowhere yet.
    pub(crate) fn draft(&self, before: &Value, kind: &str, body: Value) -> Value {
        let seq = before["seq"].as_i64().expect("a number") + 1;
        let count = self.case.files("ledger/inbox", ".jsonl").len();
        json!({
            "at": NOW, "body": body, "kind": kind, "prev": [before["id"]], "seq": seq, "v": 1,
            "writer": { "id": format!("eve{count}@host"), "n": 1 },
        })
    }

    /// Whatever it is, in a session's file of its own.
    pub(crate) fn append_bytes(&self, bytes: &[u8]) {
        let count = self.case.files("ledger/inbox", ".jsonl").len();
        self.case.write(&format!("ledger/inbox/eve-{count}.jsonl"), bytes);
    }

    /// A remark's line with its LF, behind all others.
    pub(crate) fn note(&self, text: &str) -> String {
        line(&self.draft(&self.last(), "note", json!({ "run": null, "text": text })))
    }

    /// Keeps bytes as evidence.
    pub(crate) fn keep(&self, bytes: &[u8]) -> String {
        let digest = Digest::of(bytes).to_string();
        self.case.write(&format!("ledger/evidence/{}/{digest}", &digest[..2]), bytes);
        digest
    }
}

/// Statements.
impl Attack {
    /// What a second Tech Lead would say about the second run: all that it lacks.
    pub(crate) fn missing(&self) -> Value {
        let mut statement = self.of(1, "signoff")["body"]["statement"].clone();
        for (key, value) in [
            ("head", self.last()["id"].clone()),
            ("name", json!("anna")),
            ("role", json!("tech-lead")),
            ("signer", json!("anna@example.com")),
        ] {
            statement[key] = value;
        }
        statement
    }

    /// Appends what somebody says, signed by the key of a name, in the namespace of what it says.
    pub(crate) fn say(&self, kind: &str, statement: Value, key: &str) -> Value {
        let role = statement["role"].as_str().expect("a role");
        let sig = self.sign(&statement, key, &format!("{role}.{kind}@holdpoint"));
        self.append(kind, json!({ "run": statement["run"], "sig": sig, "statement": statement }))
    }

    /// Signs as `ssh-keygen` does.
    pub(crate) fn sign(&self, statement: &Value, key: &str, namespace: &str) -> String {
        let mut child = Command::new("ssh-keygen")
            .args(["-q", "-Y", "sign", "-n", namespace, "-f"])
            .arg(self.case.path().join(key))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("ssh-keygen is installed (apt-get install openssh-client)");
        let line = line(statement);
        io::Write::write_all(&mut child.stdin.take().expect("a pipe"), line.as_bytes())
            .expect("written");
        let output = child.wait_with_output().expect("an end");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("a signature")
    }

    /// A change of the policy as somebody says it.
    pub(crate) fn change(&self, pins: &Value, role: &str, signer: &str) -> Value {
        let mut statement = self.of(0, "decided")["body"]["statement"].clone();
        let fields = statement.as_object_mut().expect("a statement");
        fields.remove("verdict");
        for (key, value) in [
            ("decision", Value::Null),
            ("gate", Value::Null),
            ("head", self.last()["id"].clone()),
            ("name", json!(signer)),
            ("policy", pins.clone()),
            ("role", json!(role)),
            ("run", Value::Null),
            ("signer", json!(format!("{signer}@example.com"))),
            ("type", json!("holdpoint/policy@v1")),
        ] {
            statement[key] = value;
        }
        let sig = self.sign(&statement, signer, &format!("{role}.policy@holdpoint"));
        let mut body = pins.clone();
        body["statement"] = statement;
        body["sig"] = json!(sig);
        self.append("policy", body)
    }

    /// What is pinned.
    pub(crate) fn pins(&self) -> Value {
        let body = self.entry(&["\"kind\":\"policy\""])["body"].clone();
        let pick = |key: &str| body[key].clone();
        json!({
            "allowed_signers": pick("allowed_signers"), "policy": pick("policy"),
            "revoked": pick("revoked"),
        })
    }
}

/// Files.
impl Attack {
    /// The one file whose path below the case ends so.
    pub(crate) fn file(&self, folder: &str, ending: &str) -> std::path::PathBuf {
        let mut files = self.case.files(folder, ending);
        assert_eq!(files.len(), 1, "{files:?}");
        files.remove(0)
    }

    /// The evidence that a digest names.
    pub(crate) fn evidence(&self, digest: &Value) -> std::path::PathBuf {
        self.file("ledger/evidence", digest.as_str().expect("a digest"))
    }
}

pub(crate) fn remove(path: &Path) {
    fs::remove_file(path).expect("removed");
}

pub(crate) fn line(value: &Value) -> String {
    let mut value = value.clone();
    if let Some(fields) = value.as_object_mut().filter(|fields| fields.contains_key("kind")) {
        fields.remove("id");
    }
    let bytes = canonical(&value).expect("canonical");
    format!("{}\n", String::from_utf8(bytes).expect("UTF-8"))
}

pub(crate) fn id(line: &str) -> String {
    Digest::of(line.as_bytes()).to_string()
}
