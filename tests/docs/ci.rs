//! The jobs of docs/ci.md, as they stand there, with a bare repository as their remote.

use std::path::Path;
use std::process::Command;

use crate::support::{Case, Done};

use super::root;

/// The script below a heading.
fn script(heading: &str) -> String {
    let text = std::fs::read_to_string(root().join("docs/ci.md")).expect("a document");
    let below = text.split(heading).nth(1).expect("the heading");
    let script = below.split("```sh\n").nth(1).and_then(|rest| rest.split("```").next());
    script.expect("a script").to_owned()
}

/// Runs a script as a job does: in a clone, as somebody.
fn job(case: &Case, script: &str) -> Done {
    let plain = case.command(&[]);
    let program = Path::new(env!("CARGO_BIN_EXE_holdpoint")).parent().expect("a folder");
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap_or_default());
    let mut command = Command::new("sh");
    command.args(["-c", script]).current_dir(case.path()).env_clear();
    command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    for name in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{name}_NAME"), "CI");
        command.env(format!("GIT_{name}_EMAIL"), "ci@example.com");
    }
    command.env("PATH", path).env("GIT_CONFIG_GLOBAL", "/dev/null").output().expect("sh").into()
}

fn clone(url: &str, of: &str) -> Case {
    let case = Case::new();
    case.git(&["clone", "-q", url, "."]);
    case.git(&["checkout", "-q", "--detach", of]);
    case
}

#[test]
fn the_jobs_of_the_recipe_run_seal_and_leave_nothing_behind() {
    let origin = Case::new();
    origin.git(&["init", "-q", "--bare", "-b", "main"]);
    let url = origin.path().to_string_lossy().into_owned();
    let home = Case::new();
    home.write("README.md", "# Shop\n");
    let home = home.committed();
    home.run(&["init"]).exits(0);
    home.commit("ledger");
    home.git(&["remote", "add", "origin", &url]);
    home.git(&["push", "-q", "-u", "origin", "main"]);
    home.git(&["checkout", "-q", "-b", "feature"]);
    home.write("feature", "not merged yet\n");
    home.commit("feature");
    home.git(&["push", "-q", "origin", "feature"]);
    home.git(&["checkout", "-q", "main"]);

    let (running, sealing) = (script("## The job that runs"), script("## The job that seals"));
    // Both begin before either has pushed.
    let runners = [clone(&url, "origin/feature"), clone(&url, "origin/main")];
    for runner in &runners {
        job(runner, &running).exits(10).says("HOLD");
    }
    let key = home.log_key().to_string_lossy().into_owned();
    let sealer = clone(&url, "origin/main").set("HOLDPOINT_LOG_KEY", &key);
    // A run that is pushed while the other job seals.
    job(&clone(&url, "origin/main"), &running).exits(10);
    job(&sealer, &sealing).exits(0);
    job(&sealer, &sealing).exits(0);

    home.git(&["pull", "-q", "--ff-only"]);
    home.run(&["verify", "--strict"]).exits(0).says("intact, self-anchored");
    let log = home.run(&["log", "--format", "json"]).exits(0).json();
    let entries = log["entries"].as_array().expect("entries");
    assert_eq!(entries.iter().filter(|entry| entry["kind"] == "run_opened").count(), 3);
    assert!(!home.path().join("feature").exists(), "what was checked out came along");
    assert_eq!(home.git(&["status", "--porcelain"]), "");
}

#[test]
fn a_job_that_cannot_push_fails_whatever_the_verdict() {
    let home = Case::new().committed();
    home.run(&["init"]).exits(0);
    home.commit("ledger");
    home.git(&["remote", "add", "origin", "/nowhere"]);
    job(&home, &script("## The job that runs")).exits(1);
}
