//! What the tests of all formats share.

use eventify_schedule::{Hints, Programme, parse};

/// Reads a file that must be readable.
pub fn read(bytes: &[u8]) -> Programme {
    match parse(bytes, &Hints::default()) {
        Ok(programme) => programme,
        Err(error) => panic!("{error}"),
    }
}

/// One line per entry: when, where, what.
pub fn entries(programme: &Programme) -> Vec<String> {
    let line = |entry: &eventify_schedule::Entry| {
        let room = entry.room.as_deref().unwrap_or("-");
        format!("{} {} [{room}] {} ({})", entry.starts_at, entry.ends_at, entry.title, entry.source_id)
    };
    programme.entries.iter().map(line).collect()
}

/// One line per problem, its code in front.
pub fn problems(programme: &Programme) -> Vec<String> {
    programme.problems.iter().map(|problem| format!("{}: {problem}", problem.code.as_str())).collect()
}
