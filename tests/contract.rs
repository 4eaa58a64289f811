//! One contract for every kind of check: what comes out where all is well, and in every way in which
//! what it looks at may fail it. Only where all is well something passes, and where it is expected
//! that nobody answers.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
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

    /// What is asked in all of them.
    fn items(&self) -> impl Iterator<Item = Item<'_>> {
        self.cells().into_iter().flat_map(move |(situation, cell)| {
            let asked = match cell {
                Cell::Asked(asked) => &asked[..],
                Cell::Never(_) => &[],
            };
            asked.iter().enumerate().map(move |(at, asked)| Item {
                id: format!("{}-{situation}-{at}", self.kind),
                situation,
                language: self.languages[0],
                asked,
            })
        })
    }
}

/// An item of a checklist that asks for something of a cell.
struct Item<'r> {
    id: String,
    situation: &'static str,
    language: &'static str,
    asked: &'r Asked,
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
    for Item { id, situation, asked, .. } in rows.iter().flat_map(Row::items) {
        let expected: Vec<&str> =
            asked.block.split(" expect: ").skip(1).filter_map(|rest| rest.lines().next()).collect();
        let is_about_it =
            ["reachable == false", "connected == false"].map(|it| vec![it]).contains(&expected);
        match (situation, asked.outcome) {
            ("passes", outcome) => assert_eq!(outcome, "pass", "{id}"),
            (_, "pass") => assert!(is_about_it, "{id}: {expected:?}"),
            _ => {}
        }
    }
}

/// A checklist with these items.
fn list(items: &[Item<'_>]) -> String {
    let head = "---\nenv: [CONTRACT_SET, CONTRACT_EMPTY]\nparams:\n  - name: DEVICE\n    default: /dev/zero\n---\n# Contract\n\n## Step 1\n\n- [ ] First `#first`\n  ```bash check\n  true\n  # expect: exit == 0\n  ```\n\n## Step 2\n\n";
    items.iter().fold(head.to_owned(), |list, Item { id, language, asked, .. }| {
        let block = asked.block.replace('\n', "\n  ");
        format!("{list}- [ ] It {id} `#{id}`\n  ```{language} check\n  {block}\n  ```\n")
    })
}

/// A process of ours may need so many KiB of memory, whatever it is told: 200 MiB.
const MOST: u64 = 200 << 10;

#[test]
fn every_kind_of_check_keeps_the_contract() {
    let real: [fn() -> Service; 6] = [
        Service::postgresql,
        Service::mariadb,
        Service::prometheus,
        Service::nginx,
        Service::redis,
        Service::sshd,
    ];
    let real = real.map(std::thread::spawn).map(|service| service.join().expect("a service"));
    let [postgresql, mariadb, prometheus, nginx, redis, sshd] = &real;
    let authority = Authority::new();
    let rows = rows(&Ports {
        nginx: nginx.port,
        redis: redis.port,
        postgresql: postgresql.port,
        mariadb: mariadb.port,
        prometheus: prometheus.port,
        tls: authority.serve(&["localhost"], 30 * 86_400 + 3_600),
    });
    let programs = sshd.ssh_with(&scripts::places(sshd.port));
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default());
    let case = || {
        let case = Case::new().set("PATH", &path);
        case.write("ca.pem", authority.pem());
        files::write(&case);
        case.set("CONTRACT_SET", "yes").set("CONTRACT_EMPTY", "")
    };
    let items = rows.iter().flat_map(Row::items);
    let (cancelled, held): (Vec<_>, Vec<_>) =
        items.partition(|item| item.situation == "is-cancelled");
    hold(&case(), &held);
    cancel(&case(), &cancelled);
}

/// Runs all of it, and holds each against what has to come out.
fn hold(case: &Case, items: &[Item<'_>]) {
    case.write("list.md", list(items));
    let over = AtomicBool::new(false);
    let (done, highest) = std::thread::scope(|scope| {
        let watching = scope.spawn(|| highest_until(&over, case));
        let done = case.run(&["run", "list.md", "--no-report", "--jobs", "16", "--format", "json"]);
        over.store(true, Ordering::Relaxed);
        (done, watching.join().expect("a measure"))
    });
    let outcomes = done.outcomes();
    let mut broken = String::new();
    for Item { id, asked, .. } in items {
        let (outcome, why) = &outcomes[id];
        if outcome != asked.outcome || !why.contains(asked.why) {
            let wanted = format!("{}: {}", asked.outcome, asked.why);
            broken +=
                &format!("{id}: {outcome}: {why}\n  instead of {wanted}\n{}\n\n", asked.block);
        }
    }
    assert!(broken.is_empty(), "{broken}");
    assert!(highest > 0 && highest < MOST, "a process of ours had {highest} KiB");
}

/// The most memory, in KiB, that a process of ours had until it was over.
fn highest_until(over: &AtomicBool, case: &Case) -> u64 {
    let mut highest = 0;
    while !over.load(Ordering::Relaxed) {
        let ours = processes::of(case.path()).into_iter().filter(Process::is_ours);
        highest = ours.map(|one| one.highest()).fold(highest, u64::max);
        std::thread::sleep(Duration::from_millis(50));
    }
    highest
}

/// Interrupts all of it while it is under way.
fn cancel(case: &Case, items: &[Item<'_>]) {
    case.write("list.md", list(items));
    let jobs = items.len();
    let run = case
        .command(&["run", "list.md", "--no-report", "--jobs", &jobs.to_string()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
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
    for Item { id, asked, .. } in items {
        assert_eq!(outcomes[id].0, asked.outcome, "{id}: {}", outcomes[id].1);
    }
}
