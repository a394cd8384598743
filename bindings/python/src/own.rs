//! What belongs to one process.

/// Something whose threads, locks and files are the process's that made it. In a fork it is left as it is: a lock may be held there by a
/// thread that is not there, and a file is the parent's.
#[derive(Debug)]
pub(crate) struct Own<T> {
    /// Always there but while it is dropped.
    inside: Option<T>,
    process: u32,
}

impl<T> Own<T> {
    pub(crate) fn new(inside: T) -> Self {
        Self { inside: Some(inside), process: std::process::id() }
    }

    /// `None` in a fork.
    pub(crate) fn get(&self) -> Option<&T> {
        self.inside.as_ref().filter(|_| self.process == std::process::id())
    }
}

impl<T> Drop for Own<T> {
    fn drop(&mut self) {
        if self.process != std::process::id() {
            std::mem::forget(self.inside.take());
        }
    }
}
