//! One contract for every kind of check: what comes out where all is well, and in every way in which
//! what it looks at may fail it. Only where all is well something passes, and where it is expected
//! that nobody answers.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::servers::Authority;
use crate::support::processes::{self, Process};
use crate::support::service::Service;
use crate::support::{Case, Done};

mod databases;
mod files;
mod network;
mod scripts;

/// A kind of check, and a cell for every situation: a row without one does not compile.
struct Row {
    kind: &'static str,
    /// Its languages: those of another spelling, or that run in the same way.
    languages: &'static [&'static str],
    passes: Cell,
    fails: Cell,
    cannot_connect: Cell,
    times_out: Cell,
    is_cut_off: Cell,
    answers_garbage: Cell,
    answers_a_gigabyte: Cell,
    drips: Cell,
    is_cancelled: Cell,
}

/// A situation of a kind.
enum Cell {
    /// What is asked in it.
    Asked(Vec<Asked>),
    /// It cannot be, and why.
    Never(&'static str),
}

/// A block of the first language of its row, and what has to come out.
struct Asked {
    block: String,
    outcome: &'static str,
    /// A part of the reason.
    why: &'static str,
}

/// What is expected, the outcome, and a part of the reason.
type Expected = (&'static str, &'static str, &'static str);

/// What is looked at, once with each expectation.
fn looks(mark: &str, head: &str, expected: &[Expected]) -> Vec<Asked> {
    let one = |(expectation, outcome, why): &Expected| Asked {
        block: format!("{head}\n{mark} expect: {expectation}"),
        outcome,
        why,
    };
    expected.iter().map(one).collect()
}

/// All that is asked in a situation.
fn asked(groups: impl IntoIterator<Item = Vec<Asked>>) -> Cell {
    Cell::Asked(groups.into_iter().flatten().collect())
}

impl Row {
    /// Its situations.
    fn cells(&self) -> [(&'static str, &Cell); 9] {
        [
            ("passes", &self.passes),
            ("fails", &self.fails),
            ("cannot-connect", &self.cannot_connect),
            ("times-out", &self.times_out),
            ("is-cut-off", &self.is_cut_off),
            ("answers-garbage", &self.answers_garbage),
            ("answers-a-gigabyte", &self.answers_a_gigabyte),
            ("drips", &self.drips),
            ("is-cancelled", &self.is_cancelled),
        ]
    }

    /// What is asked in a situation, each with the identity of its item.
    fn asked(&self) -> impl Iterator<Item = (String, &'static str, &Asked)> {
        self.cells().into_iter().flat_map(move |(situation, cell)| {
            let asked = match cell {
                Cell::Asked(asked) => &asked[..],
                Cell::Never(_) => &[],
            };
            let id = move |at| format!("{}-{situation}-{at}", self.kind);
            asked.iter().enumerate().map(move |(at, asked)| (id(at), situation, asked))
        })
    }
}

/// Ports of real services; 0 where there is none.
#[derive(Default)]
struct Ports {
    nginx: u16,
    redis: u16,
    postgresql: u16,
    mariadb: u16,
    prometheus: u16,
    /// It shows a certificate that `ca.pem` vouches for.
    tls: u16,
}

/// All rows.
fn rows(at: &Ports) -> Vec<Row> {
    let mut rows = network::rows(at);
    rows.extend(databases::rows(at));
    rows.extend(files::rows());
    rows.extend(scripts::rows(at));
    rows
}

#[test]
fn no_kind_of_check_is_forgotten() {
    let rows = rows(&Ports::default());
    let held: BTreeSet<&str> = rows.iter().flat_map(|row| row.languages).copied().collect();
    let known: BTreeSet<&str> = holdpoint::check::languages().collect();
    assert_eq!(held, known);
    for (row, (situation, cell)) in rows.iter().flat_map(|row| row.cells().map(|cell| (row, cell)))
    {
        let is_said = match cell {
            Cell::Asked(asked) => !asked.is_empty(),
            Cell::Never(why) => why.split(' ').count() > 3,
        };
        assert!(is_said, "{} {situation}", row.kind);
    }
}

#[test]
fn nothing_passes_where_something_is_wrong_but_what_expects_that_nobody_answers() {
    let rows = rows(&Ports::default());
    for (id, situation, asked) in rows.iter().flat_map(Row::asked) {
        let expectations = asked.block.lines().filter_map(|line| line.split_once(" expect: "));
        let mut expectations = expectations.map(|(_, expectation)| expectation);
        let is_about_it = expectations
            .all(|it| ["reachable == false", "connected == false"].contains(&it))
            && asked.block.contains("expect: ");
        let passes = asked.outcome == "pass";
        assert!(!passes || situation == "passes" || is_about_it, "{id}: {}", asked.block);
        assert!(passes || situation != "passes", "{id}: {}", asked.block);
    }
}

/// A checklist with these items.
fn list<'a>(rows: impl Iterator<Item = (&'a Row, String, &'a Asked)>) -> String {
    let head = "---\nenv: [CONTRACT_SET, CONTRACT_EMPTY]\nparams:\n  - name: DEVICE\n    default: /dev/zero\n---\n# Contract\n\n## Step 1\n\n- [ ] First `#first`\n  ```bash check\n  true\n  # expect: exit == 0\n  ```\n\n## Step 2\n\n";
    rows.fold(head.to_owned(), |list, (row, id, asked)| {
        let (language, block) = (row.languages[0], asked.block.replace('\n', "\n  "));
        format!("{list}- [ ] It {id} `#{id}`\n  ```{language} check\n  {block}\n  ```\n")
    })
}

/// A worker may need so much memory, whatever it is told: 200 MiB.
const MOST: u64 = 200 << 10;

#[test]
fn every_kind_of_check_keeps_the_contract() {
    let (databases, others) = std::thread::scope(|scope| {
        let databases = [Service::postgresql, Service::mariadb].map(|start| scope.spawn(start));
        let others = [Service::nginx, Service::redis, Service::prometheus, Service::sshd];
        let others = others.map(|start| scope.spawn(start));
        let up = |service: std::thread::ScopedJoinHandle<'_, Service>| {
            service.join().expect("a service")
        };
        (databases.map(up), others.map(up))
    });
    let authority = Authority::new();
    let [postgresql, mariadb] = &databases;
    let [nginx, redis, prometheus, sshd] = &others;
    let at = Ports {
        nginx: nginx.port,
        redis: redis.port,
        postgresql: postgresql.port,
        mariadb: mariadb.port,
        prometheus: prometheus.port,
        tls: authority.serve(&["localhost"], 30 * 86_400 + 3_600),
    };
    let rows = rows(&at);
    let programs = sshd.ssh_with(&scripts::places(sshd.port));
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default());
    let case = || {
        let case =
            Case::new().set("PATH", &path).set("CONTRACT_SET", "yes").set("CONTRACT_EMPTY", "");
        files::write(&case);
        case.write("ca.pem", authority.pem());
        case
    };
    hold(&case(), &rows);
    cancel(&case(), &rows);
}

/// Runs all that is not cancelled, and holds each against what has to come out.
fn hold(case: &Case, rows: &[Row]) {
    let all = || {
        let asked =
            |row| Row::asked(row).map(move |(id, situation, asked)| (row, id, situation, asked));
        let all = rows.iter().flat_map(asked);
        all.filter(|(_, _, situation, _)| *situation != "is-cancelled")
            .map(|(row, id, _, asked)| (row, id, asked))
    };
    case.write("list.md", list(all()));
    let (highest, over) = (AtomicU64::new(0), AtomicBool::new(false));
    let done = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                let workers = processes::of(case.path()).into_iter().filter(Process::is_ours);
                let most = workers.map(|worker| worker.highest()).max().unwrap_or_default();
                highest.fetch_max(most, Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(50));
            }
        });
        let done = case.run(&["run", "list.md", "--no-report", "--jobs", "16", "--format", "json"]);
        over.store(true, Ordering::Relaxed);
        done
    });
    let outcomes = done.outcomes();
    let mut broken = Vec::new();
    for (_, id, asked) in all() {
        let (outcome, why) = &outcomes[&id];
        if outcome != asked.outcome || !why.contains(asked.why) {
            let wanted = format!("{}: {}", asked.outcome, asked.why);
            broken
                .push(format!("{id}: {outcome}: {why}\n  instead of {wanted}\n{}\n", asked.block));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    let highest = highest.into_inner();
    assert!(highest > 0 && highest < MOST, "a process of ours had {highest} KiB");
}

/// Interrupts all that is to be cancelled while it is under way.
fn cancel(case: &Case, rows: &[Row]) {
    let all = || {
        let asked =
            |row| Row::asked(row).map(move |(id, situation, asked)| (row, id, situation, asked));
        let all = rows.iter().flat_map(asked);
        all.filter(|(_, _, situation, _)| *situation == "is-cancelled")
            .map(|(row, id, _, asked)| (row, id, asked))
    };
    case.write("list.md", list(all()));
    let jobs = all().count();
    let run = case
        .command(&["run", "list.md", "--no-report", "--jobs", &jobs.to_string()])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let begun = Instant::now();
    // Each slot has a worker, besides the program itself.
    while processes::of(case.path()).iter().filter(|one| one.is_ours()).count() <= jobs {
        assert!(begun.elapsed() < Duration::from_secs(60), "not all of them began");
        std::thread::sleep(Duration::from_millis(50));
    }
    std::thread::sleep(Duration::from_secs(1));
    let interrupted = Instant::now();
    let pid = rustix::process::Pid::from_child(&run);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("a signal sent");
    let done: Done = run.wait_with_output().expect("an end").into();
    let took = interrupted.elapsed();
    done.exits(130);
    assert!(took < Duration::from_secs(10), "it ended after {took:?}");
    let left = processes::of(case.path());
    assert!(left.is_empty(), "{left:?}");
    case.run(&["verify"]).exits(0);
    let outcomes = case.run(&["status", "--format", "json"]).exits(10).outcomes();
    assert_eq!(outcomes["first"].0, "pass");
    for (_, id, asked) in all() {
        assert_eq!(outcomes[&id].0, asked.outcome, "{id}: {}", outcomes[&id].1);
    }
}
