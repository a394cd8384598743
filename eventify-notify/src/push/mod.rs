//! Push messages: browsers by Web Push, apps by Firebase Cloud Messaging.
