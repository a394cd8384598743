//! What the process says about itself, on stderr: for people on a terminal, for programs otherwise.

use std::io::{self, IsTerminal, Write};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use super::args::{LogArgs, LogFormat};
use super::exit::{Exit, Failure};
use super::out::is_unsafe;

/// What is logged unless told otherwise.
const DEFAULT: &str = "info";
/// What never is, whatever is wanted: RabbitMQ's client shows a message that comes back, with all that is in it.
const NEVER: &str = "lapin::returned_messages=off";

/// Begins to log.
pub(crate) fn start(args: &LogArgs) -> Result<(), Failure> {
    let wanted = args.log.as_deref().filter(|text| !text.trim().is_empty());
    let filter = EnvFilter::builder()
        .parse(wanted.unwrap_or(DEFAULT))
        .map_err(|error| Failure::new(Exit::Usage, format!("--log / EVENTIFY_LOG: {error}")))?;
    let never =
        NEVER.parse().map_err(|error| Failure::refused(format!("logging cannot be started: {error}")))?;
    let filter = filter.add_directive(never);
    let terminal = io::stderr().is_terminal();
    let human = match args.log_format {
        LogFormat::Auto => terminal,
        LogFormat::Human => true,
        LogFormat::Json => false,
    };
    let builder = tracing_subscriber::fmt().with_env_filter(filter);
    let started = if human {
        builder.with_writer(OneLine { ansi: terminal }).with_ansi(terminal).try_init()
    } else {
        builder.json().flatten_event(true).with_writer(io::stderr).try_init()
    };
    started.map_err(|error| Failure::refused(format!("logging cannot be started: {error}")))?;
    report_panics();
    Ok(())
}

/// A panic is a bug, and one log line. Its words are shown only when they were written by a programmer: words that
/// were put together at run time may hold somebody's data.
fn report_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let words = panic.payload().downcast_ref::<&'static str>().copied();
        let thread = std::thread::current();
        tracing::error!(
            place,
            thread = thread.name().unwrap_or("unnamed"),
            message = words.unwrap_or("(not shown: it may hold data)"),
            "a thread panicked"
        );
    }));
}

/// Keeps each record on one line, whatever is in it: a line break in a request must not look like another record.
#[derive(Debug, Clone, Copy)]
struct OneLine {
    /// Colours are the formatter's own; what comes from outside it has escaped before.
    ansi: bool,
}

impl<'a> MakeWriter<'a> for OneLine {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        *self
    }
}

impl Write for OneLine {
    /// The formatter hands every record over in one piece.
    fn write(&mut self, record: &[u8]) -> io::Result<usize> {
        io::stderr().lock().write_all(clean(record, self.ansi).as_bytes())?;
        Ok(record.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

fn clean(record: &[u8], ansi: bool) -> String {
    let text = String::from_utf8_lossy(record);
    let text = text.strip_suffix('\n').unwrap_or(&text);
    let mut line = String::with_capacity(text.len() + 1);
    for c in text.chars() {
        if is_unsafe(c) && !(ansi && c == '\u{1b}') {
            line.extend(c.escape_default());
        } else {
            line.push(c);
        }
    }
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_stays_one_line() {
        assert_eq!(clean(b"a\r\nINFO forged\x1b[2J\n", false), "a\\r\\nINFO forged\\u{1b}[2J\n");
        assert_eq!(clean("имя \u{202e}x\n".as_bytes(), false), "имя \\u{202e}x\n");
        assert_eq!(clean(b"\x1b[32mINFO\x1b[0m a\nb\n", true), "\x1b[32mINFO\x1b[0m a\\nb\n");
    }
}
