//! The tree over the sealed lines: RFC 6962 §2.1, with SHA-256, over the ids of lines as leaves.
//!
//! A root commits to every line and to their order. A growing tree is kept as the roots of its complete
//! subtrees ([`Tree`]: O(log n)); proofs ask whoever has them for the hashes of complete subtrees.

use crate::digest::{Digest, Hasher};

/// The hash of a leaf: RFC 6962 §2.1, `SHA-256(0x00 ‖ id)`.
pub fn leaf(id: &Digest) -> Digest {
    let mut bytes = [0; 33];
    bytes[1..].copy_from_slice(id.as_bytes());
    Digest::of(&bytes)
}

/// The hash above two others: `SHA-256(0x01 ‖ left ‖ right)`.
pub fn node(left: &Digest, right: &Digest) -> Digest {
    let mut hasher = Hasher::default();
    hasher.update(&[1]);
    hasher.update(left.as_bytes());
    hasher.update(right.as_bytes());
    hasher.finish()
}

/// A tree that grows at its end, kept as the roots of its complete subtrees, the largest first.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    size: u64,
    peaks: Vec<Digest>,
}

impl Tree {
    /// How many leaves there are.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds the id of a line.
    pub fn push(&mut self, id: &Digest) {
        self.push_telling(id, |_| {});
    }

    /// Adds the id of a line, and tells the hash of its leaf and of each subtree that it completes, in this
    /// order: the order in which they can be stored in a file that grows ([`stored`]).
    pub fn push_telling(&mut self, id: &Digest, mut tell: impl FnMut(&Digest)) {
        let mut hash = leaf(id);
        tell(&hash);
        for _ in 0..self.size.trailing_ones() {
            let Some(left) = self.peaks.pop() else { break };
            hash = node(&left, &hash);
            tell(&hash);
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// The tree over the first `size` leaves.
    ///
    /// # Errors
    /// When a hash cannot be had.
    pub fn of<S: Subtrees>(subtrees: &S, size: u64) -> Result<Self, S::Error> {
        let levels = (0..u64::BITS).rev().filter(|level| size >> level & 1 == 1);
        let peak = |level: u32| subtrees.subtree(level, (size >> level) - 1);
        Ok(Self { size, peaks: levels.map(peak).collect::<Result<_, _>>()? })
    }

    /// The root over all leaves; of none, the digest of nothing.
    pub fn root(&self) -> Digest {
        let above = |right: Digest, left: &Digest| node(left, &right);
        match self.peaks.split_last() {
            Some((last, others)) => others.iter().rev().fold(*last, above),
            None => Digest::of(b""),
        }
    }
}

/// Where in a file that grows the hash of a complete subtree stands: the subtree of `2^level` leaves that has
/// `at` such subtrees before it. Each leaf is followed by the subtrees that it completes.
pub fn stored(level: u32, at: u64) -> u64 {
    let last = ((at + 1) << level) - 1;
    let before: u64 = (0..u64::BITS).map(|shift| last >> shift).sum();
    before + u64::from(level)
}

/// How many hashes such a file has for so many leaves.
pub fn stored_before(size: u64) -> u64 {
    2 * size - u64::from(size.count_ones())
}

/// Who has the hashes of complete subtrees, by level and number.
pub trait Subtrees {
    /// Why one cannot be had.
    type Error;

    /// The root of the subtree of `2^level` leaves that has `at` such subtrees before it.
    ///
    /// # Errors
    /// When it cannot be had.
    fn subtree(&self, level: u32, at: u64) -> Result<Digest, Self::Error>;
}

/// The root over the leaves from `begin` to `end`, where `begin` is the start of a subtree of the tree.
fn range<S: Subtrees>(subtrees: &S, begin: u64, end: u64) -> Result<Digest, S::Error> {
    let width = end - begin;
    if width.is_power_of_two() {
        return subtrees.subtree(width.trailing_zeros(), begin / width);
    }
    let middle = begin + split(width);
    Ok(node(&range(subtrees, begin, middle)?, &range(subtrees, middle, end)?))
}

/// The largest power of two below `width`, which is at least 2.
fn split(width: u64) -> u64 {
    1 << (width - 1).ilog2()
}

/// The root over the first `size` leaves.
///
/// # Errors
/// When a hash cannot be had.
pub fn root<S: Subtrees>(subtrees: &S, size: u64) -> Result<Digest, S::Error> {
    if size == 0 { Ok(Digest::of(b"")) } else { range(subtrees, 0, size) }
}

/// The audit path of a leaf in the tree of `size` leaves (RFC 6962 §2.1.1), from the leaf up.
///
/// # Errors
/// When a hash cannot be had.
pub fn inclusion<S: Subtrees>(
    subtrees: &S,
    index: u64,
    size: u64,
) -> Result<Vec<Digest>, S::Error> {
    let (mut begin, mut end) = (0, size);
    let mut path = Vec::new();
    while end - begin > 1 {
        let middle = begin + split(end - begin);
        if index < middle {
            path.push(range(subtrees, middle, end)?);
            end = middle;
        } else {
            path.push(range(subtrees, begin, middle)?);
            begin = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// That the tree of `new` leaves extends the one of `old`, which is at least 1 (RFC 6962 §2.1.2).
///
/// # Errors
/// When a hash cannot be had.
pub fn consistency<S: Subtrees>(subtrees: &S, old: u64, new: u64) -> Result<Vec<Digest>, S::Error> {
    let (mut begin, mut end) = (0, new);
    let mut path = Vec::new();
    while end != old {
        let middle = begin + split(end - begin);
        if old <= middle {
            path.push(range(subtrees, middle, end)?);
            end = middle;
        } else {
            path.push(range(subtrees, begin, middle)?);
            begin = middle;
        }
    }
    // The old tree itself is known to whoever asks, as long as it is a subtree of the new one.
    if begin > 0 {
        path.push(range(subtrees, begin, end)?);
    }
    path.reverse();
    Ok(path)
}

/// Whether `path` proves that the leaf with this hash is at `index` below `root` (RFC 9162 §2.1.3.2).
pub fn includes(root: &Digest, size: u64, index: u64, leaf: Digest, path: &[Digest]) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut last, mut hash) = (index, size - 1, leaf);
    for beside in path {
        if last == 0 {
            return false;
        }
        if at % 2 == 1 || at == last {
            hash = node(beside, &hash);
            while at % 2 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = node(&hash, beside);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *root
}

/// Whether `path` proves that the second tree extends the first (RFC 9162 §2.1.4.2).
pub fn extends(old: (u64, &Digest), new: (u64, &Digest), path: &[Digest]) -> bool {
    let ((old_size, old_root), (new_size, new_root)) = (old, new);
    if old_size == new_size || old_size == 0 {
        let empty = old_size > 0 || *old_root == Digest::of(b"");
        return path.is_empty() && empty && (old_size != new_size || old_root == new_root);
    }
    let whole = old_size.is_power_of_two().then_some(old_root);
    let mut path = whole.into_iter().chain(path);
    let Some(first) = path.next().filter(|_| old_size < new_size) else { return false };
    let (mut at, mut last) = (old_size - 1, new_size - 1);
    let skipped = at.trailing_ones();
    at >>= skipped;
    last >>= skipped;
    let (mut before, mut after) = (*first, *first);
    for beside in path {
        if last == 0 {
            return false;
        }
        if at % 2 == 1 || at == last {
            before = node(beside, &before);
            after = node(beside, &after);
            while at % 2 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            after = node(&after, beside);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && before == *old_root && after == *new_root
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    /// By the definition: MTH of RFC 6962 §2.1.
    fn naive(ids: &[Digest]) -> Digest {
        match ids {
            [] => Digest::of(b""),
            [id] => leaf(id),
            _ => {
                let (left, right) = ids.split_at(split(ids.len() as u64) as usize);
                node(&naive(left), &naive(right))
            }
        }
    }

    struct Naive(Vec<Digest>);

    impl Subtrees for Naive {
        type Error = Infallible;

        fn subtree(&self, level: u32, at: u64) -> Result<Digest, Infallible> {
            let (begin, width) = ((at << level) as usize, 1 << level);
            Ok(naive(&self.0[begin..begin + width]))
        }
    }

    fn ids(count: usize) -> Vec<Digest> {
        (0..count).map(|n| Digest::of(format!("line {n}\n").as_bytes())).collect()
    }

    const SIZES: usize = 70;

    fn roots(ids: &[Digest]) -> Vec<Digest> {
        (0..=ids.len()).map(|size| naive(&ids[..size])).collect()
    }

    fn digest(hex: &str) -> Digest {
        hex.parse().expect("a digest")
    }

    #[test]
    fn roots_are_those_that_anyone_computes_with_sha256sum() {
        let mut tree = Tree::default();
        let root = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(tree.root(), digest(root));
        // (printf '\0'; sha256sum < file | xxd -r -p) | sha256sum, and so on upwards.
        let one = digest("2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881");
        tree.push(&one);
        let bytes = [&[0][..], one.as_bytes()].concat();
        assert_eq!(tree.root(), Digest::of(&bytes));
        tree.push(&one);
        let leaf = Digest::of(&bytes);
        let bytes = [&[1][..], leaf.as_bytes(), leaf.as_bytes()].concat();
        assert_eq!(tree.root(), Digest::of(&bytes));
    }

    #[test]
    fn a_growing_tree_has_the_root_of_the_definition_at_every_size() {
        let ids = ids(300);
        let mut tree = Tree::default();
        for (size, root) in roots(&ids).iter().enumerate() {
            assert_eq!((tree.size(), tree.root()), (size as u64, *root));
            ids.get(size).inspect(|id| tree.push(id));
        }
    }

    #[test]
    fn every_hash_stands_where_it_is_looked_for() {
        let ids = ids(200);
        let (mut tree, mut file) = (Tree::default(), Vec::new());
        let naive = Naive(ids.clone());
        for (size, id) in (0..).zip(&ids) {
            assert_eq!(file.len() as u64, stored_before(size));
            let Ok(again) = Tree::of(&naive, size);
            assert_eq!((again.size(), again.root()), (size, tree.root()));
            tree.push_telling(id, |hash| file.push(*hash));
        }
        for level in 0..8 {
            for at in 0..200 >> level {
                let Ok(hash) = naive.subtree(level, at);
                assert_eq!(file[stored(level, at) as usize], hash, "{level} {at}");
            }
        }
    }

    #[test]
    fn every_leaf_is_proven_at_every_size_and_nowhere_else() {
        let (ids, roots) = (ids(SIZES), roots(&ids(SIZES)));
        let naive = Naive(ids.clone());
        for size in 1..=SIZES as u64 {
            let root = &roots[size as usize];
            for index in 0..size {
                let Ok(path) = inclusion(&naive, index, size);
                let hash = leaf(&ids[index as usize]);
                assert!(includes(root, size, index, hash, &path), "{index} of {size}");
                for other in (0..size + 2).filter(|other| *other != index) {
                    assert!(!includes(root, size, other, hash, &path), "{index}, {other}, {size}");
                }
                for at in 0..path.len() {
                    let mut wrong = path.clone();
                    wrong[at] = hash;
                    assert!(!includes(root, size, index, hash, &wrong));
                    wrong.remove(at);
                    assert!(!includes(root, size, index, hash, &wrong));
                }
                let longer = [&path[..], &[hash]].concat();
                assert!(!includes(root, size, index, hash, &longer));
            }
        }
    }

    #[test]
    fn every_tree_is_proven_to_extend_those_before_it_and_no_other() {
        let roots = roots(&ids(SIZES));
        let naive = Naive(ids(SIZES));
        for new in 1..=SIZES as u64 {
            let new_root = &roots[new as usize];
            for old in 1..=new {
                let Ok(path) = consistency(&naive, old, new);
                let old_root = &roots[old as usize];
                let proves = |old, root: &Digest, path: &[Digest]| {
                    extends((old, root), (new, new_root), path)
                };
                assert!(proves(old, old_root, &path), "{old} {new}");
                assert!(!proves(old, &leaf(old_root), &path), "{old} {new}");
                assert!(!extends((old, old_root), (new, &leaf(new_root)), &path));
                assert!(!proves(old, old_root, &[&path[..], &[*old_root]].concat()));
                for at in 0..path.len() {
                    let mut wrong = path.clone();
                    wrong[at] = leaf(&wrong[at]);
                    assert!(!proves(old, old_root, &wrong), "{old} {new} {at}");
                    wrong.remove(at);
                    assert!(!proves(old, old_root, &wrong), "{old} {new} {at}");
                }
            }
        }
    }

    #[test]
    fn an_empty_tree_proves_nothing_and_is_extended_by_all() {
        let (empty, other) = (Digest::of(b""), Digest::of(b"x"));
        assert!(extends((0, &empty), (5, &other), &[]));
        assert!(!extends((0, &other), (5, &other), &[]));
        assert!(!extends((0, &empty), (0, &other), &[]));
        assert!(!extends((6, &other), (5, &other), &[]));
        assert!(!includes(&empty, 0, 0, other, &[]));
    }
}
