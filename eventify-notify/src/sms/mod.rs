//! Text messages through the HTTP gateway of a provider.
