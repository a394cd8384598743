//! Everybody who is told: mail, a webhook, and the real Kafka, RabbitMQ and NATS, each by itself on this machine.

use std::net::{Ipv4Addr, SocketAddr, TcpListener as Reserved};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};

use crate::Result;

/// How long brokers may take to serve.
const PATIENCE: Duration = Duration::from_secs(40);
const PASSWORD: &str = "hunter2-of-benchmarks";
/// Where `scripts/need-kafka` puts its jars, under the target directory.
const JARS: &str = "kafka/4.1.1";

/// All of them. They end with it.
pub(super) struct Outside {
    dir: TempDir,
    brokers: Vec<Broker>,
    ports: [u16; 7],
    mail: Sink,
    pub(super) hook: Sink,
}

/// A server with everything that it starts.
struct Broker(Child);

/// A listener of our own, and how much it took.
pub(super) struct Sink {
    at: SocketAddr,
    taken: Arc<AtomicUsize>,
}

impl Outside {
    pub(super) async fn start() -> Result<Self> {
        let dir = tempfile::tempdir()?;
        let ports = free_ports()?;
        let (mail, hook) = (Sink::open(take_mails).await?, Sink::open(take_calls).await?);
        let mut outside = Self { dir, brokers: Vec::new(), ports, mail, hook };
        for script in [outside.kafka()?, outside.rabbitmq()?, outside.nats()?] {
            outside.brokers.push(Broker::start(outside.dir.path(), &script)?);
        }
        let [kafka, _, rabbitmq, _, _, nats, _] = ports;
        for (name, port) in [("Kafka", kafka), ("RabbitMQ", rabbitmq), ("NATS", nats)] {
            let serves = async {
                while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_err() {
                    sleep(Duration::from_millis(100)).await;
                }
            };
            timeout(PATIENCE, serves).await.map_err(|_| format!("{name} does not serve"))?;
        }
        outside.keep_in_nats().await?;
        Ok(outside)
    }

    /// What the service is told of them.
    pub(super) fn options(&self) -> Result<Vec<String>> {
        let [kafka, _, rabbitmq, _, _, nats, _] = self.ports;
        let password = self.dir.path().join("password");
        std::fs::write(&password, PASSWORD)?;
        let options = [
            ("--mail-server", self.mail.at.to_string()),
            ("--mail-security", "none".to_owned()),
            ("--mail-from", "Box office <tickets@example.org>".to_owned()),
            ("--kafka-servers", format!("127.0.0.1:{kafka}")),
            ("--rabbitmq-url", format!("amqp://eventify@127.0.0.1:{rabbitmq}")),
            ("--rabbitmq-password-file", password.display().to_string()),
            ("--nats-urls", format!("nats://127.0.0.1:{nats}")),
            ("--webhooks", "loopback".to_owned()),
        ];
        Ok(options.into_iter().flat_map(|(name, value)| [name.to_owned(), value]).collect())
    }

    /// Mails and calls of the webhook so far.
    pub(super) fn taken(&self) -> (usize, usize) {
        (self.mail.taken.load(Ordering::Relaxed), self.hook.taken.load(Ordering::Relaxed))
    }

    /// A node that makes the topic when it is first told something.
    fn kafka(&self) -> Result<String> {
        let target = std::env::current_exe()?;
        let target = target.parent().and_then(Path::parent).ok_or("a program without a folder")?;
        let jars: PathBuf = target.join(JARS);
        if !jars.is_dir() {
            return Err("Kafka is missing: run scripts/need-kafka".into());
        }
        let [open, controller, ..] = self.ports;
        let config = format!(
            "process.roles=broker,controller\nnode.id=1\ncontroller.quorum.voters=1@127.0.0.1:{controller}\n\
             listeners=OPEN://127.0.0.1:{open},CONTROLLER://127.0.0.1:{controller}\n\
             advertised.listeners=OPEN://127.0.0.1:{open}\nlistener.security.protocol.map=OPEN:PLAINTEXT,CONTROLLER:PLAINTEXT\n\
             controller.listener.names=CONTROLLER\ninter.broker.listener.name=OPEN\nlog.dirs={}/kept\nnum.partitions=4\n\
             auto.create.topics.enable=true\noffsets.topic.replication.factor=1\n",
            self.dir.path().display()
        );
        std::fs::write(self.dir.path().join("kafka.conf"), config)?;
        Ok(format!(
            "java='java -Xmx384m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dorg.slf4j.simpleLogger.defaultLogLevel=warn'\n\
             $java -cp '{jars}/*' kafka.tools.StorageTool format -t MkU3OEVBNTcwNTJENDM2Qg -c kafka.conf && \
             exec $java -cp '{jars}/*' kafka.Kafka kafka.conf",
            jars = jars.display()
        ))
    }

    /// A node with a queue that keeps everything.
    fn rabbitmq(&self) -> Result<String> {
        let at = self.dir.path().display();
        let [_, _, port, distribution, epmd, ..] = self.ports;
        let config = format!(
            "listeners.tcp.1 = 127.0.0.1:{port}\nload_definitions = {at}/definitions.json\nlog.console = true\nlog.console.level = warning\n"
        );
        let definitions = serde_json::json!({
            "users": [{ "name": "eventify", "password": PASSWORD, "tags": "administrator" }],
            "vhosts": [{ "name": "/" }],
            "permissions": [{ "user": "eventify", "vhost": "/", "configure": ".*", "write": ".*", "read": ".*" }],
            "exchanges": [{
                "name": "eventify", "vhost": "/", "type": "topic", "durable": true, "auto_delete": false,
                "internal": false, "arguments": {},
            }],
            "queues": [{ "name": "eventify", "vhost": "/", "durable": true, "auto_delete": false, "arguments": {} }],
            "bindings": [{
                "source": "eventify", "vhost": "/", "destination": "eventify", "destination_type": "queue",
                "routing_key": "#", "arguments": {},
            }],
        });
        std::fs::write(self.dir.path().join("rabbitmq.conf"), config)?;
        std::fs::write(self.dir.path().join("definitions.json"), definitions.to_string())?;
        Ok(format!(
            "export HOME='{at}' ERL_EPMD_PORT={epmd} RABBITMQ_NODENAME=eventify-{port}@localhost RABBITMQ_DIST_PORT={distribution}\n\
             export RABBITMQ_MNESIA_BASE='{at}/mnesia' RABBITMQ_LOG_BASE='{at}/logs' RABBITMQ_CONFIG_FILE='{at}/rabbitmq.conf'\n\
             export RABBITMQ_ENABLED_PLUGINS_FILE='{at}/plugins' RABBITMQ_PID_FILE='{at}/pid' RABBITMQ_CONF_ENV_FILE=/dev/null\n\
             export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {{127,0,0,1}} +S 2:2'\n\
             epmd -port {epmd} -address 127.0.0.1 &\nexec /usr/lib/rabbitmq/bin/rabbitmq-server"
        ))
    }

    fn nats(&self) -> Result<String> {
        let [.., port, _] = self.ports;
        let text = format!(
            "listen: 127.0.0.1:{port}\njetstream {{ store_dir: \"{}/nats\" }}\n",
            self.dir.path().display()
        );
        std::fs::write(self.dir.path().join("nats.conf"), text)?;
        Ok("exec nats-server -c nats.conf".to_owned())
    }

    async fn keep_in_nats(&self) -> Result {
        let [.., port, _] = self.ports;
        let client = async_nats::connect(format!("nats://127.0.0.1:{port}")).await?;
        let config = async_nats::jetstream::stream::Config {
            name: "eventify".into(),
            subjects: vec!["eventify.>".into()],
            ..Default::default()
        };
        async_nats::jetstream::new(client).create_stream(config).await?;
        Ok(())
    }
}

impl Broker {
    fn start(dir: &Path, script: &str) -> Result<Self> {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]).current_dir(dir).process_group(0);
        Ok(Self(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?))
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        if let Some(group) = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw) {
            // What it started is in its group.
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.0.wait();
    }
}

impl Sink {
    async fn open<F>(take: impl Fn(TcpStream, Arc<AtomicUsize>) -> F + Send + 'static) -> Result<Self>
    where
        F: Future<Output = Result> + Send + 'static,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let (at, taken) = (listener.local_addr()?, Arc::new(AtomicUsize::new(0)));
        let count = taken.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(take(stream, count.clone()));
            }
        });
        Ok(Self { at, taken })
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/hook", self.at)
    }
}

/// As much of SMTP as it takes to be given mails.
async fn take_mails(stream: TcpStream, taken: Arc<AtomicUsize>) -> Result {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 localhost ESMTP\r\n").await?;
    let mut line = String::new();
    while stream.read_line(&mut line).await? > 0 {
        let word = line.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
        let said: &[u8] = match word.as_str() {
            "EHLO" => b"250-localhost\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                let mut part = Vec::new();
                while part != b".\r\n" {
                    part.clear();
                    if stream.read_until(b'\n', &mut part).await? == 0 {
                        return Ok(());
                    }
                }
                taken.fetch_add(1, Ordering::Relaxed);
                b"250 taken\r\n"
            }
            "QUIT" => return Ok(stream.write_all(b"221 bye\r\n").await?),
            _ => b"250 fine\r\n",
        };
        stream.write_all(said).await?;
        line.clear();
    }
    Ok(())
}

/// As much of HTTP as it takes to be called.
async fn take_calls(stream: TcpStream, taken: Arc<AtomicUsize>) -> Result {
    let mut stream = BufReader::new(stream);
    let (mut line, mut length) = (String::new(), 0);
    while stream.read_line(&mut line).await? > 0 {
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse()?;
        }
        if line == "\r\n" {
            let mut body = vec![0; length];
            stream.read_exact(&mut body).await?;
            taken.fetch_add(1, Ordering::Relaxed);
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await?;
        }
        line.clear();
    }
    Ok(())
}

fn free_ports<const N: usize>() -> Result<[u16; N]> {
    let held =
        (0..N).map(|_| Reserved::bind((Ipv4Addr::LOCALHOST, 0))).collect::<std::io::Result<Vec<_>>>()?;
    let ports = held.iter().map(|one| Ok(one.local_addr()?.port())).collect::<std::io::Result<Vec<_>>>()?;
    ports.try_into().map_err(|_| "as many ports as were asked for".into())
}
