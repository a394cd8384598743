//! The connection, and how it is made anew.

use std::sync::Arc;
use std::time::Duration;

use eventify_core::account::SecretText;
use lapin::options::{ConfirmSelectOptions, ExchangeDeclareOptions};
use lapin::types::{FieldTable, LongString, ShortString};
use lapin::uri::{AMQPAuthority, AMQPQueryString, AMQPScheme, AMQPUri, AMQPUserInfo};
use lapin::{Channel, Connection, ConnectionProperties, ExchangeKind};
use rustls::pki_types::ServerName;
use tokio::sync::{Mutex, watch};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::RabbitMqConfig;
use super::sockets::Sockets;
use crate::broker::{BrokerUrl, Failure, InvalidConfig};

/// How often both sides show that they are there, in seconds; after two silences the connection is lost.
const HEARTBEAT_S: u16 = 10;
/// AMQP's bound.
const VHOST_BYTES_MAX: usize = 255;

/// A connection. Ends with it.
struct Link {
    connection: Connection,
    _wanted: watch::Sender<()>,
}

/// The connection that there is, if any, and what one is made of.
pub(super) struct Links {
    uri: AMQPUri,
    tls: Option<(TlsConnector, ServerName<'static>)>,
    exchange: ShortString,
    declare: bool,
    now: Mutex<Option<Arc<Link>>>,
}

impl Links {
    pub(super) fn new(config: &RabbitMqConfig) -> Result<Self, InvalidConfig> {
        let tls = match config.url.scheme() {
            "amqp" => None,
            "amqps" => {
                let name = ServerName::try_from(config.url.host().to_owned())
                    .map_err(|_| InvalidConfig::new("url", "names a host that no certificate can name"))?;
                Some((TlsConnector::from(Arc::new(config.tls.client()?)), name))
            }
            _ => return Err(InvalidConfig::new("url", "must begin with amqp: or amqps:")),
        };
        if config.url.path().is_some_and(|vhost| vhost.len() > VHOST_BYTES_MAX) {
            return Err(InvalidConfig::new("url", "names a virtual host of more than 255 bytes"));
        }
        let exchange = ShortString::from(config.exchange.as_str());
        let uri = uri(&config.url, tls.is_some());
        Ok(Self { uri, tls, exchange, declare: config.declare, now: Mutex::default() })
    }

    /// A new channel that confirms what it is given.
    pub(super) async fn channel(&self) -> Result<Channel, Failure> {
        let link = self.link().await?;
        let away = |error: lapin::Error| Failure::Away(error.to_string());
        let channel = link.connection.create_channel().await.map_err(away)?;
        channel.confirm_select(ConfirmSelectOptions::default()).await.map_err(away)?;
        Ok(channel)
    }

    /// The connection that there is, or a new one. Whoever comes first makes it, the others wait.
    async fn link(&self) -> Result<Arc<Link>, Failure> {
        let mut now = self.now.lock().await;
        if let Some(link) = now.as_ref().filter(|link| link.connection.status().connected()) {
            return Ok(link.clone());
        }
        // The old one first: it is not to outlive its replacement.
        *now = None;
        let link = Arc::new(self.connect().await?);
        if self.declare {
            self.declare(&link).await?;
        }
        *now = Some(link.clone());
        Ok(link)
    }

    async fn connect(&self) -> Result<Link, Failure> {
        let (wanted, receiver) = watch::channel(());
        let properties = ConnectionProperties::default().with_connection_name(LongString::from("eventify"));
        let runtime = Sockets::runtime(self.tls.clone(), receiver);
        let connected = Connection::connect_uri_with_runtime(self.uri.clone(), properties, runtime).await;
        let connection = connected.map_err(|error| Failure::Away(error.to_string()))?;
        Ok(Link { connection, _wanted: wanted })
    }

    async fn declare(&self, link: &Link) -> Result<(), Failure> {
        let refused = |error: lapin::Error| {
            Failure::Refused(format!("the exchange {} cannot be declared: {error}", self.exchange))
        };
        let channel = link.connection.create_channel().await.map_err(refused)?;
        let options = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
        let declared = channel.exchange_declare(
            self.exchange.clone(),
            ExchangeKind::Topic,
            options,
            FieldTable::default(),
        );
        declared.await.map_err(refused)?;
        // What it was for is done; a channel that cannot be closed ends with the connection.
        let _ = channel.close(200, ShortString::from("OK")).await;
        Ok(())
    }

    /// Ends the connection, politely if that is possible within the time.
    pub(super) async fn close(&self, patience: Duration) {
        if let Some(link) = self.now.lock().await.take() {
            let _ = timeout(patience, link.connection.close(200, ShortString::from("OK"))).await;
        }
    }
}

/// As AMQP's client wants it. Its scheme is plain: TLS is the business of our sockets.
fn uri(url: &BrokerUrl, tls: bool) -> AMQPUri {
    let usual = AMQPUserInfo::default();
    AMQPUri {
        scheme: AMQPScheme::AMQP,
        authority: AMQPAuthority {
            userinfo: AMQPUserInfo {
                username: url.user().map_or(usual.username, str::to_owned),
                password: url.password().map(SecretText::expose).map_or(usual.password, str::to_owned),
            },
            host: url.host().to_owned(),
            port: url.port().unwrap_or(if tls { 5671 } else { 5672 }),
        },
        vhost: url.path().filter(|path| !path.is_empty()).unwrap_or("/").to_owned(),
        query: AMQPQueryString { heartbeat: Some(HEARTBEAT_S), ..AMQPQueryString::default() },
    }
}
