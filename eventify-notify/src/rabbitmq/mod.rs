//! Facts into RabbitMQ.
