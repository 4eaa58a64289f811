//! Figures, each beside what it is compared with in the same run. `cargo bench` builds and runs them,
//! `cargo bench -- steps reading` only those.
//!
//! They are printed, never asserted: machines are noisy, and a test that fails for that teaches nothing.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use holdpoint::checklist;
use holdpoint::clock::Clock;
use holdpoint::digest::Digest;
use holdpoint::flow::{self, Home};
use holdpoint::lint;
use holdpoint::report::{self, Format, LedgerFacts, Subject};

mod ledger;
mod network;
mod output;
#[path = "../../tests/support/service.rs"]
#[allow(dead_code)]
mod service;
#[path = "../../tests/shapes.rs"]
mod shapes;
mod site;

const BINARY: &str = env!("CARGO_BIN_EXE_holdpoint");

/// Runs of each figure; the median is printed.
const RUNS: usize = 9;

fn main() {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!("medians of {RUNS} runs, {cores} cores\n");
    let named: Vec<String> =
        std::env::args().skip(1).filter(|name| !name.starts_with('-')).collect();
    let groups: [(&str, &dyn Fn()); 15] = [
        ("startup", &startup),
        ("checks", &|| checks(cores)),
        ("steps", &steps),
        ("reading", &reading),
        ("linting", &linting),
        ("growth", &growth),
        ("memory", &memory),
        ("reports", &reports),
        ("http", &network::http),
        ("ssh", &network::ssh),
        ("redaction", &output::redaction),
        ("flood", &output::flood),
        ("recording", &|| ledger::recording(cores)),
        ("verify", &ledger::verify),
        ("site", &site::site),
    ];
    for (name, group) in groups {
        if named.is_empty() || named.iter().any(|named| named == name) {
            group();
        }
    }
}

fn median(mut run: impl FnMut() -> Duration) -> Duration {
    let mut times: Vec<Duration> = (0..RUNS).map(|_| run()).collect();
    times.sort();
    times[RUNS / 2]
}

/// Two things in turn, so that what slows the machine for a while slows both: both medians, and the
/// median of how many times as long the first takes.
fn in_turn(
    mut first: impl FnMut() -> Duration,
    mut second: impl FnMut() -> Duration,
) -> (Duration, Duration, f64) {
    let pairs: Vec<(Duration, Duration)> = (0..RUNS).map(|_| (first(), second())).collect();
    let mut ratios: Vec<f64> =
        pairs.iter().map(|(first, second)| first.as_secs_f64() / second.as_secs_f64()).collect();
    ratios.sort_by(f64::total_cmp);
    let middle = |mut times: Vec<Duration>| {
        times.sort();
        times[RUNS / 2]
    };
    let (first, second): (Vec<Duration>, Vec<Duration>) = pairs.into_iter().unzip();
    (middle(first), middle(second), ratios[RUNS / 2])
}

fn timed(run: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    run();
    begun.elapsed()
}

fn show(what: &str, time: Duration, beside: &str) {
    println!("{what:<52} {:>10.2} ms   {beside}", time.as_secs_f64() * 1e3);
}

/// The binary in a folder, its output thrown away.
fn holdpoint(folder: &Path, arguments: &[&str]) -> Duration {
    timed(|| {
        let status = Command::new(BINARY)
            .current_dir(folder)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        assert!(
            status.is_ok_and(|status| status.code().is_some_and(|code| [0, 10].contains(&code))),
            "{arguments:?}"
        );
    })
}

/// A run in a new ledger.
fn fresh_run(folder: &Path) -> Duration {
    // There is none before the first.
    let _ = std::fs::remove_dir_all(folder.join("ledger"));
    holdpoint(folder, &["init", "."]);
    holdpoint(folder, &["run", "list.md", "--no-report"])
}

fn folder(checklist: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("list.md"), checklist).expect("a checklist written");
    folder
}

fn startup() {
    let empty = folder("# Empty\n");
    show("--version", median(|| holdpoint(empty.path(), &["--version"])), "limit 5 ms");
    holdpoint(empty.path(), &["init"]);
    let syncs = median(|| {
        timed(|| {
            for n in 0..6 {
                let file =
                    std::fs::File::create(empty.path().join(format!("sync-{n}"))).expect("a file");
                file.sync_all().expect("synced");
            }
        })
    });
    let run = median(|| holdpoint(empty.path(), &["run", "list.md", "--no-report"]));
    show(
        "an empty run",
        run,
        &format!("limit 50 ms; six syncs alone {:.2} ms", syncs.as_secs_f64() * 1e3),
    );
}

fn checks(cores: usize) {
    let item = "- [ ] Item N\n  ```bash check\n  true\n  # expect: exit == 0\n  ```\n";
    let items: String = (0..1_000).map(|n| item.replace('N', &n.to_string())).collect();
    let many = folder(&format!("# Many\n\n{items}"));
    let (ours, bare, ratio) =
        in_turn(|| fresh_run(many.path()), || timed(|| spawn_bare(cores, 1_000)));
    show(
        "1,000 checks of `true`",
        ours,
        &format!("bare shells {:.0} ms: {ratio:.2} times, limit 1.15", bare.as_secs_f64() * 1e3),
    );
}

/// The same shells with the same parallelism, in the environment that a check sees, their output
/// captured. (A shell without SHELL in its environment looks it up, which costs it some 5 %.)
fn spawn_bare(jobs: usize, count: usize) {
    let seen: Vec<(String, String)> = std::env::vars()
        .filter(|(name, _)| ["PATH", "HOME", "LANG"].contains(&name.as_str()))
        .collect();
    // By its path, or this process would be copied for each.
    let path = std::env::var_os("PATH").unwrap_or_default();
    let bash =
        std::env::split_paths(&path).map(|folder| folder.join("bash")).find(|bash| bash.exists());
    let bash = bash.expect("bash is installed (apt-get install bash)");
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                while next.fetch_add(1, Ordering::Relaxed) < count {
                    let output = Command::new(&bash)
                        .args(["--norc", "--noprofile", "-c", "true"])
                        .env_clear()
                        .envs(seen.iter().map(|(name, value)| (name, value)))
                        .stdin(Stdio::null())
                        .output();
                    assert!(output.is_ok_and(|output| output.status.success()));
                }
            });
        }
    });
}

fn steps() {
    let block: String =
        (0..1_000).map(|n| format!("  echo hello {n}\n  # Expected: hello {n}\n")).collect();
    let many = folder(&format!(
        "# Steps\n\n- [ ] Steps\n  ```bash check\n  # timeout: 5m\n{block}  ```\n"
    ));
    let script: String = (0..1_000).map(|n| format!("echo hello {n}\n")).collect();
    let one = folder("# One\n\n- [ ] One\n  ```bash check\n  true\n  # expect: exit == 0\n  ```\n");
    std::fs::write(many.path().join("bare.sh"), &script).expect("a script written");
    let run_bare = || {
        timed(|| {
            let output = Command::new("bash").arg(many.path().join("bare.sh")).output();
            assert!(output.is_ok_and(|output| output.status.success()));
        })
    };
    // What a run of one step costs, and the script alone, are no part of what a step costs more.
    let beside = || fresh_run(one.path()) + run_bare();
    let (ours, beside, _) = in_turn(|| fresh_run(many.path()), beside);
    let each = (ours.as_secs_f64() - beside.as_secs_f64()) * 1e6 / 1_000.0;
    show(
        "1,000 steps in one block",
        ours,
        &format!(
            "one step and the bare script {:.1} ms: {each:.1} µs a step more, limit 20",
            beside.as_secs_f64() * 1e3
        ),
    );
    let test: String = (0..1_000).map(|n| format!("  $ echo hello {n}\n  hello {n}\n\n")).collect();
    std::fs::write(many.path().join("steps.t"), test).expect("a test written");
    let cram = || Command::new("cram").arg("steps.t").current_dir(many.path()).output();
    if cram().is_ok_and(|output| output.status.success()) {
        let theirs = median(|| timed(|| drop(cram())));
        show("  the same in cram", theirs, "installed by `pip install cram`");
    } else {
        println!("  cram is not installed (`pip install cram`): not compared");
    }
}

fn reading() {
    let section = "## Step N\n\nProse with **strong** words and a [link](https://example.com/).\n\n- [ ] **Item N** `#id-N`\n  ```bash check\n  # Disk\n  df -h\n  # Expected: N\n  ```\n- [x] Done N\n  - [ ] Inside N\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n";
    let text: String = (0..4_000).map(|n| section.replace('N', &n.to_string())).collect();
    let first = || {
        let arena = comrak::Arena::new();
        let mut options = comrak::Options::default();
        options.extension.table = true;
        options.extension.tasklist = true;
        options.extension.autolink = true;
        options.extension.strikethrough = true;
        options.extension.footnotes = true;
        options.extension.alerts = true;
        comrak::parse_document(&arena, &text, &options);
    };
    let second = || {
        let options =
            pulldown_cmark::Options::ENABLE_TABLES | pulldown_cmark::Options::ENABLE_TASKLISTS;
        assert!(pulldown_cmark::Parser::new_ext(&text, options).into_offset_iter().count() > 0);
    };
    let (ours, sum, ratio) = in_turn(
        || timed(|| drop(checklist::read("list.md", text.as_bytes()))),
        || timed(first) + timed(second),
    );
    show(
        &format!("reading {:.1} MB", text.len() as f64 / 1e6),
        ours,
        &format!("both parsers {:.0} ms: {ratio:.2} times, limit 2", sum.as_secs_f64() * 1e3),
    );
}

/// All documents of this project, each of them several times: as many as a large team has.
fn linting() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let documents = ["tests/truth/docs", "checklists", "docs"].into_iter().flat_map(|folder| {
        let entries = std::fs::read_dir(root.join(folder)).expect("a folder of documents");
        entries.map(|entry| entry.expect("an entry").path())
    });
    let mut files: Vec<String> = documents
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .map(|path| path.to_string_lossy().into_owned())
        .collect();
    files.sort();
    let sixty: Vec<&str> = files.iter().map(String::as_str).cycle().take(60).collect();
    let bytes: u64 =
        sixty.iter().filter_map(|file| Some(std::fs::metadata(file).ok()?.len())).sum();
    let arguments: Vec<&str> = ["lint"].into_iter().chain(sixty).collect();
    let time = median(|| timed(|| holdpoint_any(root, &arguments)));
    show(&format!("lint of 60 files, {} KB", bytes / 1_000), time, "limit 1,000 ms");
}

/// What reading and linting costs at sizes far apart, for documents in the shapes of `tests/shapes.rs`.
fn growth() {
    println!(
        "reading and linting, ms             10 KB   100 KB     1 MB    10 MB   a byte, times"
    );
    for shape in shapes::all() {
        let sizes = [10_000, 100_000, 1_000_000, 10_000_000];
        let times = sizes.map(|size| {
            let text = (shape.of_size)(size);
            let runs = if size > 100_000 { 1 } else { 3 };
            (0..runs).map(|_| timed(|| read_and_lint(&text))).min().unwrap_or_default()
        });
        let [.., hundredth, tenth, whole] = times.map(|time| time.as_secs_f64() * 1e3);
        let [first, ..] = times.map(|time| time.as_secs_f64() * 1e3);
        let factor = whole / (hundredth * 100.0);
        let slow = if factor > 3.0 || tenth > 1_000.0 { "  above its limit" } else { "" };
        println!(
            "{:<32} {first:>8.1} {hundredth:>8.1} {tenth:>8.1} {whole:>8.0}   {factor:.2}{slow}",
            shape.name
        );
    }
    println!("limits: 1,000 ms for 1 MB; 3 times as much a byte at 10 MB as at 100 KB\n");
}

fn read_and_lint(text: &str) {
    // What is refused has cost its time too.
    if let Ok(reading) = checklist::read("list.md", text.as_bytes()) {
        drop(lint::complete(reading));
    }
}

/// The largest memory of `holdpoint lint`, less that for an empty file, beside the size of the file.
fn memory() {
    let base = peak("# Empty\n");
    println!(
        "memory of `lint`: {:.1} MB for an empty file; more than that, times the file:",
        base / 1e6
    );
    let more = |text: &str| (peak(text) - base).max(0.0) / text.len() as f64;
    for shape in shapes::all() {
        let text = (shape.of_size)(1_000_000);
        let times = more(&text);
        let beside = if shape.name == "ordinary" {
            format!("at 10 MB {:.1}, limit 20", more(&(shape.of_size)(10_000_000)))
        } else {
            String::new()
        };
        println!("{:<52} {times:>10.1}      {beside}", shape.name);
    }
}

/// The largest resident memory of a run, in bytes, as far as looking every millisecond tells.
fn peak(text: &str) -> f64 {
    let place = folder(text);
    let mut child = Command::new(BINARY)
        .current_dir(place.path())
        .args(["lint", "list.md"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary runs");
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0.0_f64;
    while child.try_wait().expect("a child").is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<f64>().ok());
        peak = peak.max(kilobytes.unwrap_or(0.0) * 1024.0);
        std::thread::sleep(Duration::from_millis(1));
    }
    peak
}

fn home(root: &Path) -> Home {
    Home {
        root: root.to_owned(),
        private: None,
        writer: "bench@example".to_owned(),
        clock: Clock::System,
        seals: true,
        trunk: "main".to_owned(),
        random: || Ok([7; 16]),
        config: holdpoint::config::Config::default(),
        user: None,
        repository: root.to_owned(),
        fonts: None,
        log_key: None,
        notices: flow::Notices::default(),
    }
}

fn reports() {
    let items: String = (0..1_000).map(|n| format!("- [ ] Item {n} `#item-{n}`\n")).collect();
    let many = folder(&format!("# Many\n\n{items}"));
    holdpoint(many.path(), &["run", "list.md", "--no-report"]);
    show("HTML of 1,000 items", render(many.path(), Format::Html), "limit 50 ms");
    let quick = folder(include_str!("../../checklists/quickstart.md"));
    holdpoint_any(quick.path(), &["run", "list.md", "--no-report"]);
    show("PDF of the quickstart", render(quick.path(), Format::Pdf), "limit 200 ms");
    printed();
}

/// The reports of 1,000 checks as a command writes them, beside a browser that prints the HTML among them.
fn printed() {
    let item =
        "- [ ] Item N `#item-N`\n  ```bash check\n  echo line N\n  # Expected: line N\n  ```\n";
    let section = |n: usize| match n % 25 {
        0 => format!("\n## Section {}\n\n{}", n / 25, item.replace('N', &n.to_string())),
        _ => item.replace('N', &n.to_string()),
    };
    let many = (0..1_000).map(section).collect::<String>();
    // What is evidence is left out where the size is counted: these print nothing.
    let silent: String = many
        .lines()
        .map(|line| match line.trim_start().split_once(' ') {
            Some(("echo", _)) => "  true\n".to_owned(),
            Some(("#", rest)) if rest.starts_with("Expected") => {
                "  # expect: exit == 0\n".to_owned()
            }
            _ => format!("{line}\n"),
        })
        .collect();
    let silent = folder(&format!("# Many\n\n{silent}"));
    holdpoint(silent.path(), &["run", "list.md", "--no-report"]);
    holdpoint(silent.path(), &["report", "--out", "out"]);
    let size = silent.path().join("out/report.html").metadata().map_or(0, |about| about.len());
    println!("HTML of 1,000 checks without outputs: {} KB, limit 1,000", size / 1_000);
    let place = folder(&format!("# Many\n\n{many}"));
    let root = place.path();
    holdpoint(root, &["run", "list.md", "--no-report"]);
    let call = |command: &mut Command| {
        let done = command.current_dir(root).stdin(Stdio::null()).output().expect("an end");
        assert!(done.status.success(), "{command:?}: {done:?}");
    };
    let ours = || {
        timed(|| {
            let measured = ["-f", "%M", "-o", "memory", BINARY, "report", "--out", "out"];
            call(Command::new("/usr/bin/time").args(measured));
        })
    };
    let page = format!("file://{}/out/report.html", root.display());
    let browser = || {
        timed(|| {
            let print = ["--headless", "--no-sandbox", "--disable-gpu", "--print-to-pdf=its.pdf"];
            call(Command::new("chromium").args(print).arg(&page));
        })
    };
    let (ours, theirs, ratio) = in_turn(ours, browser);
    let kilobytes = std::fs::read_to_string(root.join("memory")).unwrap_or_default();
    let kilobytes: u64 = kilobytes.trim().parse().unwrap_or_default();
    let beside = format!(
        "limit 1,500 ms; Chromium prints the HTML in {:.0} ms: {ratio:.2} times, limit 0.5; {} MB of memory, limit 300",
        theirs.as_secs_f64() * 1e3,
        kilobytes / 1_000
    );
    show("HTML, PDF and Markdown of 1,000 checks", ours, &beside);
}

/// As [`holdpoint`], whatever the verdict.
fn holdpoint_any(folder: &Path, arguments: &[&str]) {
    let output =
        Command::new(BINARY).current_dir(folder).args(arguments).stdin(Stdio::null()).output();
    assert!(output.is_ok(), "{arguments:?}");
}

fn render(root: &Path, format: Format) -> Duration {
    let standing = flow::status(&home(root), None, None).expect("a run");
    let evidence = |digest: &Digest| holdpoint::ledger::evidence::get(&root.join("ledger"), digest);
    let subject = Subject {
        ledger: LedgerFacts {
            id: "0".repeat(32),
            name: "bench".to_owned(),
            head: standing.run.id,
            entries: 1,
            signed: false,
        },
        record: Vec::new(),
        made: Default::default(),
        templates: &Default::default(),
        run: &standing.run,
        checklist: &standing.checklist,
        verdicts: &standing.verdicts,
        hearing: &standing.hearing,
        decided: standing.decisions(),
        outcomes: &standing.outcomes(),
        looser: None,
        earlier: &[],
        took: 0,
        gate: standing.gate,
        evidence: &evidence,
    };
    median(|| timed(|| drop(report::render(&subject, format).expect("a report"))))
}
