//! Several processes over one database: this program, started again by itself.

use std::process::Stdio;
use std::sync::Arc;

use clap::Args;
use eventify_core::Eventify;
use eventify_store_postgres::PostgresStore;
use futures_util::future::join_all;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};

use crate::Result;
use crate::crowd::{Outcome, run_for};
use crate::sale::{Sale, Shelf};

/// One of several processes: sells what is there, and says how it went.
#[derive(Debug, Args)]
pub(crate) struct Work {
    #[arg(long)]
    url: String,
    #[arg(long)]
    shelf: String,
    #[arg(long)]
    seconds: f64,
    #[arg(long)]
    buyers: usize,
}

/// How long everybody sells before it counts: until then connections are made, statements are prepared on each, and processes learn of each
/// other.
const WARM_UP_SECONDS: f64 = 1.0;

/// Waits for a word, sells, and prints what it came to.
pub(crate) async fn work(arguments: &Work) -> Result {
    let store = PostgresStore::connect(&arguments.url).await?;
    let eventify = Eventify::builder(store).start().await?;
    let sale = Arc::new(Sale::of(eventify, vec![arguments.shelf.parse()?]));
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    println!("ready");
    if lines.next_line().await?.is_none() {
        return Err("nobody says when".into());
    }
    let shared = sale.clone();
    let buy = move || {
        let sale = shared.clone();
        async move { sale.buy(0).await.map(|()| 1) }
    };
    run_for(WARM_UP_SECONDS, arguments.buyers, buy.clone()).await?;
    let made = run_for(arguments.seconds, arguments.buyers, buy).await?;
    println!("{}", serde_json::to_string(&made)?);
    sale.eventify.shut_down().await;
    Ok(())
}

/// Starts so many processes, lets them sell at the same time, and waits for what each came to.
pub(super) async fn run(
    url: &str,
    shelf: Shelf,
    processes: usize,
    buyers: usize,
    seconds: f64,
) -> Result<Vec<Outcome>> {
    let mut children = Vec::new();
    for _ in 0..processes {
        let child = Command::new(std::env::current_exe()?)
            .args(["worker", "--url", url, "--shelf", &shelf.to_string()])
            .args(["--seconds", &seconds.to_string(), "--buyers", &(buyers / processes).to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        children.push(Process::of(child)?);
    }
    for child in &mut children {
        child.line().await?;
    }
    for child in &mut children {
        child.orders.write_all(b"go\n").await?;
    }
    let outcomes = children.iter_mut().map(|child| async {
        let outcome: Outcome = serde_json::from_str(&child.line().await?)?;
        let ended = child.child.wait().await?;
        if ended.success() { Result::Ok(outcome) } else { Err("a process failed".into()) }
    });
    join_all(outcomes).await.into_iter().collect()
}

struct Process {
    child: Child,
    orders: tokio::process::ChildStdin,
    lines: tokio::io::Lines<BufReader<tokio::process::ChildStdout>>,
}

impl Process {
    fn of(mut child: Child) -> Result<Self> {
        let orders = child.stdin.take().ok_or("a process without input")?;
        let lines = BufReader::new(child.stdout.take().ok_or("a process without output")?).lines();
        Ok(Self { child, orders, lines })
    }

    async fn line(&mut self) -> Result<String> {
        self.lines.next_line().await?.ok_or_else(|| "a process ended early".into())
    }
}
