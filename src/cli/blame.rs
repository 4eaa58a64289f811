//! Who ticked a line of a checklist, by what git says of it. It is asked for a moment, and whatever goes wrong is no
//! reason not to run.

use std::collections::BTreeMap;
use std::io::Read;
use std::process::Child;
use std::sync::mpsc;
use std::time::Duration;

use holdpoint::checklist::{Checklist, Claim};
use holdpoint::clock::Timestamp;
use holdpoint::flow::Blamed;

use super::place::{Place, ask};

/// git has so long to tell.
const PATIENCE: Duration = Duration::from_secs(3);
/// It may say so much.
const LIMIT: u64 = 4 << 20;
/// So many lines are asked about, the first.
const MOST: usize = 200;

/// What git says of the lines that are ticked in a checklist, by their numbers; nothing where it does not know them.
pub(super) fn ticked(place: &Place, checklist: &Checklist) -> BTreeMap<usize, Blamed> {
    let done = checklist.items.iter().filter(|item| item.claim == Claim::Done);
    let lines: Vec<usize> = done.map(|item| item.line).take(MOST).collect();
    if lines.is_empty() || place.commit().is_empty() {
        return BTreeMap::new();
    }
    let source = &checklist.source;
    let ranges: Vec<String> = lines.iter().map(|line| format!("-L{line},{line}")).collect();
    // Files of the repository may name programs that turn a file into another text, and lines that are passed over.
    let mut arguments = vec!["-c", "blame.ignoreRevsFile=", "blame", "--no-textconv"];
    arguments.extend(["--line-porcelain", "--no-progress"]);
    arguments.extend(ranges.iter().map(String::as_str));
    arguments.extend(["--", &source.path]);
    let Some(told) = in_time(ask(&place.root, &arguments).ok()) else { return BTreeMap::new() };
    // In a shallow clone its oldest commit is blamed for all that is older.
    let shallow = ["rev-parse", "--is-shallow-repository"];
    let shallow =
        in_time(ask(&place.root, &shallow).ok()).is_none_or(|told| told.trim() != "false");
    let known = blamed(&told, shallow);
    known
        .into_iter()
        .filter(|(line, said)| {
            let text = source.line(*line);
            lines.contains(line) && said.text.trim_end() == text.trim_end()
        })
        .map(|(line, said)| (line, Blamed { said: said.said, whole: said.whole }))
        .collect()
}

/// What a program prints, where it succeeds in time.
fn in_time(child: Option<Child>) -> Option<String> {
    let mut child = child?;
    let out = child.stdout.take()?;
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = out.take(LIMIT).read_to_end(&mut bytes);
        // Whoever asked may have gone on.
        let _ = tell.send(read.is_ok().then_some(bytes));
    });
    let bytes = told.recv_timeout(PATIENCE).ok().flatten();
    if bytes.is_none() {
        let _ = child.kill();
    }
    let succeeded = child.wait().is_ok_and(|status| status.success());
    bytes.filter(|_| succeeded).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// What is said of one line.
struct Said {
    said: String,
    whole: String,
    text: String,
}

/// Reads `git blame --line-porcelain`: a commit and its numbers, a header a line, and the line behind a tab.
fn blamed(told: &str, shallow: bool) -> BTreeMap<usize, Said> {
    let mut all = BTreeMap::new();
    let mut heads: Vec<&str> = Vec::new();
    for line in told.split('\n') {
        let Some(text) = line.strip_prefix('\t') else {
            heads.push(line);
            continue;
        };
        let head = |name: &str| heads.iter().find_map(|head| head.strip_prefix(name)).unwrap_or("");
        let mut numbers = heads.first().copied().unwrap_or_default().split(' ');
        let commit = numbers.next().unwrap_or_default();
        let number = numbers.nth(1).and_then(|number| number.parse::<usize>().ok());
        let time = head("author-time ").parse::<i64>().ok();
        let time = time.and_then(|time| Timestamp::from_millis(time.checked_mul(1000)?));
        let said = if commit.bytes().all(|byte| byte == b'0') {
            "not committed".to_owned()
        } else if shallow && heads.contains(&"boundary") {
            "not known, the clone is shallow".to_owned()
        } else {
            let time = time.map_or_else(|| "no time".to_owned(), |time| time.to_string());
            let (author, mail) = (head("author "), head("author-mail "));
            let commit: String = commit.chars().take(12).collect();
            format!("{} {}, {time}, commit {commit}", short(author), short(mail))
        };
        if let Some(number) = number {
            let whole = format!("{}\n\t{text}\n", heads.join("\n"));
            all.insert(number, Said { said, whole, text: text.to_owned() });
        }
        heads.clear();
    }
    all
}

/// A name of a length that names have.
fn short(name: &str) -> String {
    name.chars().take(120).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOLD: &str = "1111111111111111111111111111111111111111 3 5 1\nauthor Ada <b>\nauthor-mail <ada@example.com>\nauthor-time 1700000000\nauthor-tz +0100\nsummary boundary\nboundary\nfilename a.md\n\t- [x] Done\n0000000000000000000000000000000000000000 6 6 1\nauthor Not Committed Yet\nauthor-mail <not.committed.yet>\nauthor-time 1700000001\nfilename a.md\n\t- [x] New\n";

    #[test]
    fn names_times_and_commits_are_read_and_what_is_not_known_is_said() {
        let said = |shallow: bool| -> Vec<(usize, String)> {
            blamed(TOLD, shallow).into_iter().map(|(line, said)| (line, said.said)).collect()
        };
        let ada = "Ada <b> <ada@example.com>, 2023-11-14T22:13:20.000Z, commit 111111111111";
        assert_eq!(said(false), [(5, ada.to_owned()), (6, "not committed".to_owned())]);
        assert_eq!(said(true)[0].1, "not known, the clone is shallow");
        assert_eq!(blamed(TOLD, false)[&6].text, "- [x] New");
        assert!(blamed("fatal: nothing\n", false).is_empty() && blamed("\t\n\t", false).is_empty());
    }
}
