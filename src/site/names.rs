//! Names of folders and files: plain, short, each once, whatever a ledger calls its checklists and runs.

use std::collections::BTreeSet;

use crate::digest::Digest;

/// Names that are taken; letters that differ only in case are the same to some file systems.
#[derive(Default)]
pub struct Names(BTreeSet<String>);

/// Names are so long at most, before a digest.
const LONGEST: usize = 80;

impl Names {
    /// A name for a checklist, by the end of its path where that is free.
    pub fn checklist(&mut self, path: &str) -> String {
        let stem = path.rsplit('/').next().unwrap_or_default();
        let stem = stem.strip_suffix(".md").unwrap_or(stem);
        self.take(path, &[stem, path.strip_suffix(".md").unwrap_or(path)])
    }

    /// A name for a run.
    pub fn run(&mut self, run: &str) -> String {
        self.take(run, &[run])
    }

    fn take(&mut self, of: &str, wanted: &[&str]) -> String {
        let digest = Digest::of(of.as_bytes()).to_string();
        let mut wanted: Vec<String> = wanted.iter().map(|name| plain(name)).collect();
        wanted.push(format!("{}-{}", wanted[0], &digest[..8]));
        wanted.push(digest);
        let free = wanted.iter().position(|name| self.0.insert(name.to_lowercase()));
        wanted.swap_remove(free.unwrap_or(wanted.len() - 1))
    }
}

fn plain(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') { c } else { '-' };
    let name: String = name.chars().map(plain).take(LONGEST).collect();
    let name = name.trim_matches('-');
    if name.is_empty() { "unnamed".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_nowhere_else_and_stand_for_one_thing() {
        let mut names = Names::default();
        assert_eq!(names.checklist("checklists/go-live.md"), "go-live");
        assert_eq!(names.checklist("shop/go-live.md"), "shop-go-live");
        assert_eq!(names.checklist("../../etc/passwd"), "passwd");
        assert_eq!(names.checklist("上线.md"), "unnamed");
        let other = names.checklist("发布.md");
        assert!(other.starts_with("unnamed-") && other.len() == 16, "{other}");
        assert_eq!(names.run("R 1"), "R-1");
        assert_ne!(names.run("r.1"), "r-1");
        assert!(names.run(&"x/".repeat(500)).len() <= LONGEST);
    }
}
