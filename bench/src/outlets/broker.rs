//! The broker: three systems' streams at one server.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use async_nats::jetstream::consumer::pull;
use async_nats::jetstream::{self, stream};
use tokio::time::{sleep, timeout};

use crate::Result;

/// Debian's `nats-server`, with a stream for each system. Ends with it.
pub(super) struct Server {
    child: Child,
    streams: jetstream::Context,
}

impl Server {
    pub(super) async fn start(dir: &Path, port: u16, systems: &[&str]) -> Result<Self> {
        let config = dir.join("nats.conf");
        let text =
            format!("listen: 127.0.0.1:{port}\njetstream {{ store_dir: \"{}/nats\" }}\n", dir.display());
        std::fs::write(&config, text)?;
        let mut child = Command::new("nats-server").arg("-c").arg(config).stderr(Stdio::null()).spawn()?;
        let connected = async {
            loop {
                match async_nats::connect(format!("nats://127.0.0.1:{port}")).await {
                    Ok(client) => return client,
                    Err(_) => sleep(Duration::from_millis(20)).await,
                }
            }
        };
        let Ok(client) = timeout(Duration::from_secs(30), connected).await else {
            let _ = child.kill();
            return Err("nats-server does not serve".into());
        };
        let server = Self { child, streams: jetstream::new(client) };
        for &name in systems {
            let config = stream::Config {
                name: name.into(),
                subjects: vec![format!("{name}.>")],
                ..Default::default()
            };
            server.streams.create_stream(config).await?;
        }
        Ok(server)
    }

    /// How many purchases each system was told of: one that was told twice counts twice.
    pub(super) async fn told<const N: usize>(&self, systems: [&str; N]) -> Result<[usize; N]> {
        let mut told = [0; N];
        for (told, name) in told.iter_mut().zip(systems) {
            let stream = self.streams.get_stream(name).await?;
            let filter_subject = format!("{name}.ticket.purchased");
            let consumer =
                stream.create_consumer(pull::Config { filter_subject, ..Default::default() }).await?;
            *told = usize::try_from(consumer.cached_info().num_pending)?;
            let name = consumer.cached_info().name.clone();
            stream.delete_consumer(&name).await?;
        }
        Ok(told)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
