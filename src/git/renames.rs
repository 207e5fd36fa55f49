//! Which deleted and added files are one file that moved.
//!
//! In: the differences between two trees. Out: the same with each move as one entry. Never here: copies, which git
//! looks for only when told to.
//!
//! The order of git's `diffcore-rename.c`, because each step takes files away from the next: equal content first, then
//! files whose name (without directories) is unique on both sides, then every pair that is left, best score first.

use std::collections::HashMap;

use gix::ObjectId;

use super::content::{Contents, Loaded, is_time_for};
use super::similarity::{Fingerprint, MIN_NAMESAKE_SCORE, MIN_SCORE, sizes_allow};
use super::tree::{Delta, Side};
use crate::env::Deadline;

/// git compares every deleted with every added file only while there are at most this many pairs (`diff.renameLimit`,
/// its default of 1000, squared).
const MAX_PAIRS: usize = 1000 * 1000;

/// How many of the best sources git remembers for a destination, in case the best is taken by another.
const CANDIDATES: usize = 4;

/// How many sources of equal content git looks through for one of the same name.
const MAX_TWINS: usize = 100;

/// Joins what moved. At the deadline it stops with the moves found so far; the others stay deletions and additions.
pub(super) fn join(deltas: &mut Vec<Delta>, contents: &mut Contents<'_>, limit: Option<usize>, deadline: Deadline) {
    let ends = |gone: bool| {
        let wanted = move |delta: &Delta| if gone { delta.new.is_none() } else { delta.old.is_none() };
        deltas.iter().enumerate().filter(move |(_, delta)| wanted(delta)).map(|(at, _)| at).collect::<Vec<_>>()
    };
    let (sources, targets) = (ends(true), ends(false));
    if sources.is_empty() || targets.is_empty() {
        return;
    }
    let mut search = Search { deltas, contents, sources, targets, moves: HashMap::new(), deadline };
    search.equal();
    search.namesakes();
    if search.sources.len().saturating_mul(search.targets.len()) <= limit.unwrap_or(MAX_PAIRS) {
        search.alike();
    }
    let moves = search.moves;
    apply(deltas, moves);
}

/// Gives each target its source, and drops the sources' own entries.
fn apply(deltas: &mut Vec<Delta>, moves: HashMap<usize, usize>) {
    if moves.is_empty() {
        return;
    }
    let mut gone = vec![false; deltas.len()];
    for (target, source) in moves {
        let from = std::mem::take(&mut deltas[source].path);
        let old = deltas[source].old;
        gone[source] = true;
        deltas[target].old = old;
        deltas[target].from = Some(from);
    }
    let mut places = 0..deltas.len();
    deltas.retain(|_| places.next().is_some_and(|at| !gone[at]));
}

struct Search<'a, 'repo> {
    deltas: &'a [Delta],
    contents: &'a mut Contents<'repo>,
    /// Places in `deltas` of deleted files that are not used yet, in order.
    sources: Vec<usize>,
    /// Places of added files without a source yet, in order.
    targets: Vec<usize>,
    /// Target to source.
    moves: HashMap<usize, usize>,
    deadline: Deadline,
}

/// A possible pair. Sorted by score, then by whether the names are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    score: u64,
    same_name: bool,
}

impl Search<'_, '_> {
    fn side(&self, at: usize) -> Option<Side> {
        self.deltas[at].old.or(self.deltas[at].new)
    }

    fn name(&self, at: usize) -> &[u8] {
        basename(&self.deltas[at].path)
    }

    /// Takes those that found each other out of the lists.
    fn settle(&mut self, pairs: &[(usize, usize)]) {
        let used: std::collections::HashSet<usize> =
            pairs.iter().flat_map(|(target, source)| [*target, *source]).collect();
        self.moves.extend(pairs.iter().copied());
        self.sources.retain(|at| !used.contains(at));
        self.targets.retain(|at| !used.contains(at));
    }

    /// Files of equal content; among several sources one of the same name, else the first.
    fn equal(&mut self) {
        let mut twins = HashMap::<ObjectId, Vec<usize>>::new();
        // The last shall be first: taking one out is cheap at the end of a list.
        for at in self.sources.iter().rev() {
            if let Some(side) = self.side(*at) {
                twins.entry(side.id).or_default().push(*at);
            }
        }
        let mut pairs = Vec::new();
        for target in &self.targets {
            let Some(new) = self.side(*target) else { continue };
            let Some(sources) = twins.get_mut(&new.id) else { continue };
            let fits =
                |at: &usize| self.side(*at).is_some_and(|old| old.is_file() && new.is_file() || old.kind == new.kind);
            let mut fitting = sources.iter().enumerate().rev().filter(|(_, at)| fits(at)).take(MAX_TWINS).peekable();
            let first = fitting.peek().map(|(place, _)| *place);
            let namesake = fitting.find(|(_, at)| self.name(**at) == self.name(*target)).map(|(place, _)| place);
            if let Some(place) = namesake.or(first) {
                pairs.push((*target, sources.remove(place)));
            }
        }
        self.settle(&pairs);
    }

    /// Files whose name is unique among the deleted and among the added ones, if they are alike enough.
    fn namesakes(&mut self) {
        let sources = self.unique_names(&self.sources);
        let targets = self.unique_names(&self.targets);
        let mut tries: Vec<(usize, usize)> =
            sources.iter().filter_map(|(name, source)| Some((((*targets.get(name)?)?), (*source)?))).collect();
        tries.sort_unstable();
        let mut pairs = Vec::new();
        for (target, source) in tries {
            if self.deadline.passed() {
                break;
            }
            if self.score(source, target, MIN_NAMESAKE_SCORE) >= MIN_NAMESAKE_SCORE {
                pairs.push((target, source));
            }
        }
        self.settle(&pairs);
    }

    /// Each name with the one place that has it, or `None` for several.
    fn unique_names(&self, places: &[usize]) -> HashMap<&[u8], Option<usize>> {
        let mut names = HashMap::with_capacity(places.len());
        for at in places {
            names.entry(self.name(*at)).and_modify(|place| *place = None).or_insert(Some(*at));
        }
        names
    }

    /// The score of one pair; 0 where it cannot reach `least`.
    fn score(&mut self, source: usize, target: usize, least: u64) -> u64 {
        let (Some(old), Some(new)) = (self.file(source), self.file(target)) else { return 0 };
        let (Some(old_size), Some(new_size)) = (self.contents.size(old), self.contents.size(new)) else { return 0 };
        if !sizes_allow(old_size, new_size, least) || !is_time_for(old_size + new_size, self.deadline) {
            return 0;
        }
        match (self.fingerprint(source), self.fingerprint(target)) {
            (Some(old), Some(new)) => old.score(&new),
            _ => 0,
        }
    }

    fn file(&self, at: usize) -> Option<Side> {
        self.side(at).filter(|side| side.is_file())
    }

    fn fingerprint(&mut self, at: usize) -> Option<Fingerprint> {
        let side = self.side(at)?;
        let mut bytes = Vec::new();
        if self.contents.load(side, &mut bytes) != Loaded::Whole {
            return None;
        }
        let binary = self.contents.is_binary(side, &self.deltas[at].path, &bytes);
        Some(Fingerprint::of(&bytes, !binary))
    }

    /// Every pair that is left. Fingerprints are made when first needed and kept for the sources; contents are not.
    fn alike(&mut self) {
        let size = |search: &Self, at: usize| search.contents.size(search.file(at)?);
        let sizes: Vec<Option<u64>> = self.sources.iter().map(|at| size(self, *at)).collect();
        let mut known: Vec<Option<Option<Fingerprint>>> = vec![None; sizes.len()];
        let mut found = Vec::new();
        for target in self.targets.clone() {
            let Some(new_size) = size(self, target) else { continue };
            let mut best: [Option<(Candidate, usize)>; CANDIDATES] = [None; CANDIDATES];
            let mut new: Option<Option<Fingerprint>> = None;
            for place in 0..sizes.len() {
                let source = self.sources[place];
                let mut score = 0;
                let possible = sizes[place].is_some_and(|old_size| sizes_allow(old_size, new_size, MIN_SCORE));
                let size = new_size.max(sizes[place].unwrap_or(0));
                if possible && !self.deadline.passed() && is_time_for(size, self.deadline) {
                    let new = new.get_or_insert_with(|| self.fingerprint(target));
                    let old = known[place].get_or_insert_with(|| self.fingerprint(source));
                    score = old.as_ref().zip(new.as_ref()).map_or(0, |(old, new)| old.score(new));
                }
                // Those that cannot win are entered too: like git, so that equally good ones end in the same order.
                keep_if_better(
                    &mut best,
                    Candidate { score, same_name: self.name(source) == self.name(target) },
                    source,
                );
            }
            let good = best.into_iter().flatten().filter(|(candidate, _)| candidate.score >= MIN_SCORE);
            found.extend(good.map(|(candidate, source)| (candidate, target, source)));
        }
        // Stable: among equals the earlier target, and the earlier slot, goes first.
        found.sort_by_key(|(candidate, ..)| std::cmp::Reverse(*candidate));
        let (mut taken, mut pairs) = (std::collections::HashSet::new(), Vec::new());
        for (_, target, source) in found {
            if !taken.contains(&target) && !taken.contains(&source) {
                taken.extend([target, source]);
                pairs.push((target, source));
            }
        }
        self.settle(&pairs);
    }
}

/// Puts a candidate in the place of the worst; the first empty place counts as worst.
fn keep_if_better(best: &mut [Option<(Candidate, usize)>; CANDIDATES], candidate: Candidate, source: usize) {
    let mut worst = 0;
    for place in 1..CANDIDATES {
        if best[place].map(|(candidate, _)| candidate) < best[worst].map(|(candidate, _)| candidate) {
            worst = place;
        }
    }
    if best[worst].map(|(candidate, _)| candidate) < Some(candidate) {
        best[worst] = Some((candidate, source));
    }
}

fn basename(path: &[u8]) -> &[u8] {
    memchr::memrchr(b'/', path).map_or(path, |slash| &path[slash + 1..])
}
