//! What is to be written to the storage between two syncs.

use std::collections::BTreeMap;
use std::io;

use redb::StorageBackend;

/// Neighbouring pages are written together, up to this length.
const RUN_BYTES_MAX: usize = 256 * 1024;

/// Writes without a sync between them, by their places, none of which overlap.
#[derive(Debug, Default)]
pub(crate) struct Pages(BTreeMap<u64, Box<[u8]>>);

impl Pages {
    /// Whether the data was taken: it lies over nothing, or exactly over what was there.
    pub(crate) fn put(&mut self, offset: u64, data: &[u8]) -> bool {
        let same = self.0.get(&offset).is_some_and(|there| there.len() == data.len());
        if !same && self.over(offset, data.len()).next().is_some() {
            return false;
        }
        self.0.insert(offset, data.into());
        true
    }

    /// What lies in a place wholly or partly, the last first.
    pub(crate) fn over(&self, offset: u64, len: usize) -> impl Iterator<Item = (u64, &[u8])> {
        let before = self.0.range(..offset.saturating_add(width(len))).rev();
        let pages = before.map(|(at, data)| (*at, &**data));
        pages.take_while(move |(at, data)| at.saturating_add(width(data.len())) > offset)
    }

    /// Writes them in order of their places, the file's head at last.
    pub(crate) fn write_to(&self, backend: &dyn StorageBackend) -> io::Result<()> {
        let mut run: (u64, Vec<u8>) = Default::default();
        for (&at, data) in self.0.range(1..) {
            if at != run.0.saturating_add(width(run.1.len())) || run.1.len() >= RUN_BYTES_MAX {
                if !run.1.is_empty() {
                    backend.write(run.0, &run.1)?;
                }
                run.0 = at;
                run.1.clear();
            }
            run.1.extend_from_slice(data);
        }
        if !run.1.is_empty() {
            backend.write(run.0, &run.1)?;
        }
        self.0.get(&0).map_or(Ok(()), |head| backend.write(0, head))
    }

    /// Lays them over what the storage has in a place.
    pub(crate) fn overlay(&self, offset: u64, out: &mut [u8]) {
        let len = out.len();
        self.over(offset, len).for_each(|(at, data)| overlay(out, offset, data, at));
    }
}

/// Lays `data`, which lies at `at`, over `out`, which lies at `offset`, where they meet.
fn overlay(out: &mut [u8], offset: u64, data: &[u8], at: u64) {
    let skip_out = usize::try_from(at.saturating_sub(offset)).unwrap_or(usize::MAX);
    let skip_data = usize::try_from(offset.saturating_sub(at)).unwrap_or(usize::MAX);
    let source = data.iter().skip(skip_data);
    out.iter_mut().skip(skip_out).zip(source).for_each(|(to, from)| *to = *from);
}

pub(crate) fn width(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::sync::Mutex;

    use super::*;

    /// Remembers what is written.
    #[derive(Debug, Default)]
    struct Paper(Mutex<Vec<(u64, Vec<u8>)>>);

    impl StorageBackend for Paper {
        fn len(&self) -> io::Result<u64> {
            Ok(0)
        }

        fn read(&self, _offset: u64, _out: &mut [u8]) -> io::Result<()> {
            Err(io::ErrorKind::Unsupported.into())
        }

        fn set_len(&self, _len: u64) -> io::Result<()> {
            Ok(())
        }

        fn sync_data(&self) -> io::Result<()> {
            Ok(())
        }

        fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
            self.0.lock().unwrap().push((offset, data.to_vec()));
            Ok(())
        }
    }

    #[test]
    fn what_lies_exactly_over_something_replaces_it_and_partly_is_not_taken() {
        let mut pages = Pages::default();
        assert!(pages.put(100, b"aaaa") && pages.put(104, b"bb") && pages.put(90, b"cc"));
        assert!(pages.put(100, b"dddd"));
        for (offset, data) in [(99, "xx"), (103, "x"), (100, "xxx"), (98, "xxxxxxxxxx"), (105, "xx")] {
            assert!(!pages.put(offset, data.as_bytes()), "{offset}");
        }
        let mut seen = *b"................";
        pages.overlay(89, &mut seen);
        assert_eq!(&seen, b".cc........ddddb");
        let over: Vec<_> = pages.over(101, 4).collect();
        assert_eq!(over, [(104, &b"bb"[..]), (100, b"dddd")]);
        assert_eq!(pages.over(92, 8).count(), 0);
    }

    #[test]
    fn neighbours_are_written_together_and_the_head_at_last() {
        let mut pages = Pages::default();
        for (offset, data) in [(0, "head"), (8, "b"), (4, "aaaa"), (20, "c")] {
            assert!(pages.put(offset, data.as_bytes()));
        }
        let paper = Paper::default();
        pages.write_to(&paper).unwrap();
        let written: Vec<_> = paper.0.lock().unwrap().iter().map(|(at, data)| (*at, data.len())).collect();
        assert_eq!(written, [(4, 5), (20, 1), (0, 4)]);
        let mut long = Pages::default();
        let page = vec![1; RUN_BYTES_MAX / 2];
        (0..5u64).for_each(|nth| assert!(long.put(4_096 + nth * width(page.len()), &page)));
        let paper = Paper::default();
        long.write_to(&paper).unwrap();
        let lens: Vec<_> = paper.0.lock().unwrap().iter().map(|(_, data)| data.len()).collect();
        assert_eq!(lens, [RUN_BYTES_MAX, RUN_BYTES_MAX, RUN_BYTES_MAX / 2]);
    }
}
