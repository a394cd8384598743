//! Facts into NATS JetStream.
