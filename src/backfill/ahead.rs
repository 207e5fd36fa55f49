//! Many pieces of work done by several threads, and their results taken in order.
//!
//! In: the pieces, what one thread works with, what it does with a piece. Out: the results, in the order of the pieces.
//! Never here: what the work is, or a thread that runs far ahead of whoever takes its results: memory is bounded.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;

use anyhow::{Result, anyhow};

/// How many neighbours one thread does in a row at most: they share most of what must be read for them.
const PORTION: usize = 2_048;

/// How many portions a thread may be ahead, besides the one that it is doing.
const AHEAD: usize = 1;

/// Does the work on all pieces in so many threads, and hands each result to `take`.
///
/// Within a portion the last piece is done first: in git's packs older content is kept as the difference to newer.
///
/// # Errors
/// A thread cannot begin, or `take` does not want to go on.
pub fn ahead<P: Sync, W, R: Send>(
    pieces: &[P],
    threads: usize,
    begin: impl Fn() -> Result<W> + Sync,
    work: impl Fn(&mut W, &P) -> R + Sync,
    mut take: impl FnMut(R) -> Result<()>,
) -> Result<()> {
    let threads = threads.max(1);
    let portion = pieces.len().div_ceil(threads).clamp(1, PORTION);
    let portions = pieces.len().div_ceil(portion);
    let (begin, work) = (&begin, &work);
    // Nobody takes what is still being done: a portion may be long.
    let ended = &AtomicBool::new(false);
    std::thread::scope(|scope| {
        let mut lanes = Vec::new();
        for lane in 0..threads {
            let (sender, receiver) = sync_channel::<Result<Vec<R>>>(AHEAD);
            lanes.push(receiver);
            scope.spawn(move || {
                let mut worker = match begin() {
                    Ok(worker) => worker,
                    // Nobody listens any more when another thread could not begin.
                    Err(error) => return drop(sender.send(Err(error))),
                };
                for portion in pieces.chunks(portion).skip(lane).step_by(threads) {
                    let wanted = portion.iter().rev().take_while(|_| !ended.load(Ordering::Relaxed));
                    let mut done: Vec<R> = wanted.map(|piece| work(&mut worker, piece)).collect();
                    if ended.load(Ordering::Relaxed) {
                        return;
                    }
                    done.reverse();
                    if sender.send(Ok(done)).is_err() {
                        return;
                    }
                }
            });
        }
        let mut taken = || {
            for nth in 0..portions {
                let portion =
                    lanes[nth % threads].recv().map_err(|_| anyhow!("a thread has ended before its work"))??;
                portion.into_iter().try_for_each(&mut take)?;
            }
            Ok(())
        };
        let done = taken();
        ended.store(true, Ordering::Relaxed);
        done
    })
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    #[test]
    fn results_come_in_order_from_any_number_of_threads() {
        for (pieces, threads) in [(0_usize, 2), (1, 2), (32, 1), (1_000, 2), (1_001, 3), (70, 9)] {
            let pieces: Vec<usize> = (0..pieces).collect();
            let mut taken = Vec::new();
            let take = |piece| {
                taken.push(piece);
                Ok(())
            };
            ahead(&pieces, threads, || Ok(()), |(), piece| *piece, take).unwrap();
            assert_eq!(taken, pieces);
        }
    }

    #[test]
    fn whoever_takes_can_end_it_and_so_can_a_thread_that_cannot_begin() {
        let pieces: Vec<usize> = (0..10_000).collect();
        let take = |piece| if piece == 40 { bail!("enough") } else { Ok(()) };
        let ended = ahead(&pieces, 2, || Ok(()), |(), piece| *piece, take);
        assert_eq!(ended.unwrap_err().to_string(), "enough");
        let begin = || -> Result<()> { bail!("cannot") };
        assert_eq!(ahead(&pieces, 2, begin, |(), piece| *piece, |_| Ok(())).unwrap_err().to_string(), "cannot");
    }
}
