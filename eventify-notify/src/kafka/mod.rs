//! Facts into Apache Kafka.
