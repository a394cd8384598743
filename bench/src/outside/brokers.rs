//! Kafka, RabbitMQ and NATS, each by itself on this machine, ended as an operator would and started again with what they had.

use std::net::Ipv4Addr;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use async_nats::jetstream;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use super::free_ports;
use crate::Result;

/// How long brokers may take to serve, or to end.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOKS: Duration = Duration::from_millis(100);
pub(super) const PASSWORD: &str = "hunter2-of-benchmarks";
/// The topic, the exchange and its queue, and the stream.
pub(super) const SUBJECT: &str = "eventify";
/// Where `scripts/need-kafka` puts its jars, under the target directory.
const JARS: &str = "kafka/4.1.1";

/// All three. They end with it.
pub(super) struct Brokers {
    ports: [u16; 6],
    scripts: [String; 3],
    running: Vec<Broker>,
}

/// A server with everything that it starts.
struct Broker(Child);

impl Brokers {
    pub(super) async fn start(dir: &Path) -> Result<Self> {
        let ports = free_ports()?;
        let scripts = [kafka(dir, ports)?, rabbitmq(dir, ports)?, nats(dir, ports)?];
        let mut brokers = Self { ports, scripts, running: Vec::new() };
        brokers.start_again(dir).await?;
        let [.., nats] = brokers.ports();
        let client = async_nats::connect(format!("nats://127.0.0.1:{nats}")).await?;
        let config = jetstream::stream::Config {
            name: SUBJECT.into(),
            subjects: vec![format!("{SUBJECT}.>")],
            ..Default::default()
        };
        jetstream::new(client).create_stream(config).await?;
        Ok(brokers)
    }

    /// Those at which Kafka, RabbitMQ and NATS serve.
    pub(super) const fn ports(&self) -> [u16; 3] {
        let [kafka, _, rabbitmq, _, _, nats] = self.ports;
        [kafka, rabbitmq, nats]
    }

    /// All at once: the slowest takes a while.
    pub(super) async fn start_again(&mut self, dir: &Path) -> Result {
        for script in &self.scripts {
            self.running.push(Broker::start(dir, script)?);
        }
        for (name, port) in ["Kafka", "RabbitMQ", "NATS"].into_iter().zip(self.ports()) {
            let serves = async {
                while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_err() {
                    sleep(LOOKS).await;
                }
            };
            timeout(PATIENCE, serves).await.map_err(|_| format!("{name} does not serve"))?;
        }
        Ok(())
    }

    pub(super) async fn stop(&mut self) -> Result {
        for broker in &self.running {
            broker.tell(Signal::TERM);
        }
        for mut broker in self.running.drain(..) {
            let ended = async {
                while broker.0.try_wait()?.is_none() {
                    sleep(LOOKS).await;
                }
                Result::Ok(())
            };
            timeout(PATIENCE, ended).await.map_err(|_| "a broker does not end")??;
        }
        Ok(())
    }
}

impl Broker {
    fn start(dir: &Path, script: &str) -> Result<Self> {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]).current_dir(dir).process_group(0);
        Ok(Self(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?))
    }

    /// Also to what it started, which is in its group.
    fn tell(&self, signal: Signal) {
        if let Some(group) = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(group, signal);
        }
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.tell(Signal::KILL);
        let _ = self.0.wait();
    }
}

/// A node that makes the topic when it is first told something.
fn kafka(dir: &Path, ports: [u16; 6]) -> Result<String> {
    let target = std::env::current_exe()?;
    let target = target.parent().and_then(Path::parent).ok_or("a program without a folder")?;
    let jars: PathBuf = target.join(JARS);
    if !jars.is_dir() {
        return Err("Kafka is missing: run scripts/need-kafka".into());
    }
    let [open, controller, ..] = ports;
    let config = format!(
        "process.roles=broker,controller\nnode.id=1\ncontroller.quorum.voters=1@127.0.0.1:{controller}\n\
         listeners=OPEN://127.0.0.1:{open},CONTROLLER://127.0.0.1:{controller}\n\
         advertised.listeners=OPEN://127.0.0.1:{open}\nlistener.security.protocol.map=OPEN:PLAINTEXT,CONTROLLER:PLAINTEXT\n\
         controller.listener.names=CONTROLLER\ninter.broker.listener.name=OPEN\nlog.dirs={}/kept\nnum.partitions=4\n\
         auto.create.topics.enable=true\noffsets.topic.replication.factor=1\n",
        dir.display()
    );
    std::fs::write(dir.join("kafka.conf"), config)?;
    Ok(format!(
        "java='java -Xmx384m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dorg.slf4j.simpleLogger.defaultLogLevel=warn'\n\
         [ -d kept ] || $java -cp '{jars}/*' kafka.tools.StorageTool format -t MkU3OEVBNTcwNTJENDM2Qg -c kafka.conf || exit 1\n\
         exec $java -cp '{jars}/*' kafka.Kafka kafka.conf",
        jars = jars.display()
    ))
}

/// A node with a queue that keeps everything.
fn rabbitmq(dir: &Path, ports: [u16; 6]) -> Result<String> {
    let at = dir.display();
    let [_, _, port, distribution, epmd, ..] = ports;
    let config = format!(
        "listeners.tcp.1 = 127.0.0.1:{port}\nload_definitions = {at}/definitions.json\nlog.console = true\nlog.console.level = warning\n"
    );
    let definitions = serde_json::json!({
        "users": [{ "name": "eventify", "password": PASSWORD, "tags": "administrator" }],
        "vhosts": [{ "name": "/" }],
        "permissions": [{ "user": "eventify", "vhost": "/", "configure": ".*", "write": ".*", "read": ".*" }],
        "exchanges": [{
            "name": SUBJECT, "vhost": "/", "type": "topic", "durable": true, "auto_delete": false,
            "internal": false, "arguments": {},
        }],
        "queues": [{ "name": SUBJECT, "vhost": "/", "durable": true, "auto_delete": false, "arguments": {} }],
        "bindings": [{
            "source": SUBJECT, "vhost": "/", "destination": SUBJECT, "destination_type": "queue",
            "routing_key": "#", "arguments": {},
        }],
    });
    std::fs::write(dir.join("rabbitmq.conf"), config)?;
    std::fs::write(dir.join("definitions.json"), definitions.to_string())?;
    Ok(format!(
        "export HOME='{at}' ERL_EPMD_PORT={epmd} RABBITMQ_NODENAME=eventify-{port}@localhost RABBITMQ_DIST_PORT={distribution}\n\
         export RABBITMQ_MNESIA_BASE='{at}/mnesia' RABBITMQ_LOG_BASE='{at}/logs' RABBITMQ_CONFIG_FILE='{at}/rabbitmq.conf'\n\
         export RABBITMQ_ENABLED_PLUGINS_FILE='{at}/plugins' RABBITMQ_PID_FILE='{at}/pid' RABBITMQ_CONF_ENV_FILE=/dev/null\n\
         export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {{127,0,0,1}} +S 2:2'\n\
         epmd -port {epmd} -address 127.0.0.1 &\nexec /usr/lib/rabbitmq/bin/rabbitmq-server"
    ))
}

fn nats(dir: &Path, ports: [u16; 6]) -> Result<String> {
    let [.., port] = ports;
    let text = format!("listen: 127.0.0.1:{port}\njetstream {{ store_dir: \"{}/nats\" }}\n", dir.display());
    std::fs::write(dir.join("nats.conf"), text)?;
    Ok("exec nats-server -c nats.conf".to_owned())
}
