//! In place of Postgres, in a program that was built without it.

use super::args::{MigrateCommand, PostgresArgs};
use super::exit::{Exit, Failure};
use super::store::OpenStore;
use super::store_url::PostgresUrl;

pub(crate) async fn open(_url: &PostgresUrl, _with: &PostgresArgs) -> Result<OpenStore, Failure> {
    Err(absent())
}

pub(crate) async fn migrate(_command: MigrateCommand) -> Result<(), Failure> {
    Err(absent())
}

fn absent() -> Failure {
    Failure::new(Exit::Usage, "this program was built without Postgres (feature `postgres`)")
}
