//! A command finds the service that has its store open, and has it do the work.
//!
//! The service listens on a Unix socket beside the store's file (`eventify.redb.control`). A task comes as one JSON
//! document, ended by closing the writing side, and is answered by another. Only the account that the service runs as,
//! and root, may ask: they could read the file anyway.

use serde::{Deserialize, Serialize};

use super::exit::{Exit, Failure};
use super::out::{Line, Out};

/// What a service answers to a task.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Reply {
    exit: u8,
    lines: Vec<Line>,
    /// Why it was not done.
    failure: Option<String>,
    text: Option<String>,
}

impl Reply {
    fn of(done: Result<Option<String>, Failure>, lines: Vec<Line>) -> Self {
        let (exit, failure, text) = match done {
            Ok(text) => (Exit::Done, None, text),
            Err(failure) => (failure.exit, Some(failure.message), None),
        };
        Self { exit: exit as u8, lines, failure, text }
    }

    fn show(self, out: &dyn Out) -> Result<Option<String>, Failure> {
        for line in self.lines {
            match line {
                Line::Out(text) => out.line(&text),
                Line::Note(text) => out.note(&text),
            }
        }
        match self.failure {
            None => Ok(self.text),
            Some(message) => Err(Failure::new(Exit::from_number(self.exit), message)),
        }
    }
}

#[cfg(unix)]
pub(crate) use unix::{Control, ask};

#[cfg(unix)]
mod unix {
    use std::io;
    use std::os::unix::fs::{FileTypeExt, MetadataExt};
    use std::path::{Path, PathBuf};
    use std::sync::Arc;
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{UnixListener, UnixStream};
    use tokio::sync::Semaphore;
    use tokio::task::{JoinHandle, JoinSet};

    use super::Reply;
    use crate::cli::exit::Failure;
    use crate::cli::out::{Kept, Out};
    use crate::cli::store_url::StoreUrl;
    use crate::cli::task::{Office, Task};

    /// A programme of the largest size that is read, with its JSON escapes.
    const TASK_BYTES_MAX: u64 = 130 * 1024 * 1024;
    /// How long a command may take to say what it wants.
    const ASK_FOR: Duration = Duration::from_secs(30);
    /// Tasks that run side by side.
    const TASKS_MAX: usize = 4;

    fn socket_of(file: &Path) -> PathBuf {
        let mut name = file.as_os_str().to_owned();
        name.push(".control");
        PathBuf::from(name)
    }

    /// The open ear of a running service.
    #[derive(Debug)]
    pub(crate) struct Control {
        path: PathBuf,
        task: JoinHandle<()>,
    }

    impl Control {
        /// Listens beside the store's file. Whoever calls this has the file open, so a socket that is there already
        /// was left behind.
        pub(crate) fn start(url: &StoreUrl, office: Office) -> io::Result<Option<Self>> {
            let Some(file) = url.file() else {
                return Ok(None);
            };
            let path = socket_of(file);
            match std::fs::symlink_metadata(&path) {
                Ok(about) if about.file_type().is_socket() => std::fs::remove_file(&path)?,
                Ok(_) => return Err(io::Error::other("something else is in the socket's place")),
                Err(_) => {}
            }
            let listener = UnixListener::bind(&path)?;
            let owner = std::fs::symlink_metadata(&path)?.uid();
            let task = tokio::spawn(listen(listener, Arc::new(office), owner));
            Ok(Some(Self { path, task }))
        }

        /// Stops listening; what is being done is given up.
        pub(crate) async fn stop(self) {
            self.task.abort();
            let _ = self.task.await;
            let _ = std::fs::remove_file(&self.path);
        }
    }

    async fn listen(listener: UnixListener, office: Arc<Office>, owner: u32) {
        let permits = Arc::new(Semaphore::new(TASKS_MAX));
        // Dropped, and so aborted, together with this task.
        let mut running = JoinSet::new();
        loop {
            while running.try_join_next().is_some() {}
            let Ok(permit) = permits.clone().acquire_owned().await else {
                return;
            };
            match listener.accept().await {
                Ok((stream, _)) => {
                    let office = office.clone();
                    running.spawn(async move {
                        let _permit = permit;
                        if let Err(error) = answer(stream, &office, owner).await {
                            tracing::warn!(%error, "a command was not answered");
                        }
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "a command could not be accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }

    async fn answer(mut stream: UnixStream, office: &Office, owner: u32) -> io::Result<()> {
        let who = stream.peer_cred()?.uid();
        if who != owner && who != 0 {
            return Err(io::Error::from(io::ErrorKind::PermissionDenied));
        }
        let mut request = Vec::new();
        let mut limited = (&mut stream).take(TASK_BYTES_MAX);
        tokio::time::timeout(ASK_FOR, limited.read_to_end(&mut request)).await??;
        let out = Kept::default();
        let done = match serde_json::from_slice::<Task>(&request) {
            Ok(task) => {
                tracing::info!(task = task.name(), "a command asks");
                task.run(office, &out).await
            }
            Err(_) => Err(Failure::refused(
                "the running service does not know this command: is it of another version?",
            )),
        };
        let reply = Reply::of(done, out.into_lines());
        stream.write_all(&serde_json::to_vec(&reply)?).await?;
        stream.shutdown().await
    }

    /// Has the service that has the store open do a task; `None` when none answers.
    pub(crate) async fn ask(
        url: &StoreUrl,
        task: &Task,
        out: &dyn Out,
    ) -> Option<Result<Option<String>, Failure>> {
        let mut stream = UnixStream::connect(socket_of(url.file()?)).await.ok()?;
        let asked = async {
            stream.write_all(&serde_json::to_vec(task)?).await?;
            stream.shutdown().await?;
            let mut reply = Vec::new();
            stream.read_to_end(&mut reply).await?;
            Ok::<Reply, io::Error>(serde_json::from_slice(&reply)?)
        };
        Some(match asked.await {
            Ok(reply) => reply.show(out),
            Err(error) => Err(Failure::refused(format!(
                "the running service gave no answer ({error}): it may have refused the account, or been stopped"
            ))),
        })
    }
}

#[cfg(not(unix))]
pub(crate) use elsewhere::{Control, ask};

/// Where there are no Unix sockets the service has to be stopped first.
#[cfg(not(unix))]
mod elsewhere {
    use std::io;

    use crate::cli::exit::Failure;
    use crate::cli::out::Out;
    use crate::cli::store_url::StoreUrl;
    use crate::cli::task::{Office, Task};

    #[derive(Debug)]
    pub(crate) struct Control;

    impl Control {
        #[allow(clippy::unnecessary_wraps, reason = "the signature of the other systems")]
        pub(crate) fn start(_url: &StoreUrl, _office: Office) -> io::Result<Option<Self>> {
            Ok(None)
        }

        pub(crate) async fn stop(self) {}
    }

    pub(crate) async fn ask(
        _url: &StoreUrl,
        _task: &Task,
        _out: &dyn Out,
    ) -> Option<Result<Option<String>, Failure>> {
        None
    }
}
