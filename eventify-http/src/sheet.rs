//! Lists on their way out of the house: as JSON or as a spreadsheet, streamed piece by piece.

use std::borrow::Cow;
use std::future::Future;
use std::str::FromStr;

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use eventify_core::export::EventExport;
use eventify_core::{Error, EventId, Timestamp};
use futures_util::stream;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;

/// As what a list is taken out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Format {
    /// One JSON object.
    #[default]
    Json,
    /// RFC 4180, in UTF-8, with a header.
    Csv,
}

impl FromStr for Format {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "json" => Ok(Self::Json),
            "csv" => Ok(Self::Csv),
            _ => Err(Error::invalid("format", "must be json or csv")),
        }
    }
}

/// A list that was taken out, as JSON. It is whole when its last member says so.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Document<T> {
    /// The event.
    pub(crate) event_id: EventId,
    /// When it was begun: all that was there by then is in it.
    pub(crate) exported_at: Timestamp,
    /// The entries.
    pub(crate) data: Vec<T>,
    /// Always `true`; absent when it broke off.
    pub(crate) complete: bool,
}

/// Something that has a row, or several, in a spreadsheet.
pub(crate) trait Rows: Serialize + Send + 'static {
    /// What the columns are called.
    const COLUMNS: &'static [&'static str];

    /// Its rows, a cell per column.
    fn rows(&self) -> Vec<Vec<String>>;
}

/// What comes next of an export; `None` behind the last.
pub(crate) type Piece<T> = Result<Option<Vec<T>>, Error>;

/// A record of which the core gives lists piece by piece.
pub(crate) trait Listed: Send + Sized + 'static {
    /// What it is in a list.
    type Row: Rows;
    /// What a list's file is called, with the event's id behind.
    const NAME: &'static str;

    fn next(export: &mut EventExport<Self>, app: &App) -> impl Future<Output = Piece<Self::Row>> + Send;
}

/// Where an export stands.
enum Place {
    Beginning,
    Within { is_first: bool },
    End,
}

/// Sends an export as fast as its reader takes it, a piece at a time. One that fails half way breaks the connection off:
/// it never ends as if it were whole.
pub(crate) fn send<R: Listed>(app: App, export: EventExport<R>, format: Format) -> Response {
    let (kind, ending) = match format {
        Format::Json => ("application/json", "json"),
        Format::Csv => ("text/csv; charset=utf-8; header=present", "csv"),
    };
    let name = format!("attachment; filename=\"{}-{}.{ending}\"", R::NAME, export.event_id());
    let pieces =
        stream::try_unfold((app, export, Place::Beginning), move |(app, mut export, at)| async move {
            let (bytes, at) = match at {
                Place::Beginning => (beginning(&export, format)?, Place::Within { is_first: true }),
                Place::Within { is_first } => match R::next(&mut export, &app).await? {
                    Some(piece) => {
                        let is_empty = piece.is_empty();
                        (body(&piece, format, is_first)?, Place::Within { is_first: is_first && is_empty })
                    }
                    None => (ending_of(&export, format)?, Place::End),
                },
                Place::End => return Ok(None),
            };
            Ok::<_, Error>(Some((bytes, (app, export, at))))
        });
    let mut response = Body::from_stream(pieces).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(name) = HeaderValue::try_from(name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    response
}

fn beginning<R: Listed>(export: &EventExport<R>, format: Format) -> Result<Vec<u8>, Error> {
    match format {
        Format::Json => Ok(around(export)?.0),
        Format::Csv => sheet([R::Row::COLUMNS.iter().copied()]),
    }
}

fn ending_of<R: Listed>(export: &EventExport<R>, format: Format) -> Result<Vec<u8>, Error> {
    match format {
        Format::Json => Ok(around(export)?.1),
        Format::Csv => Ok(Vec::new()),
    }
}

/// What comes before and behind the entries of a document.
fn around<R: Listed>(export: &EventExport<R>) -> Result<(Vec<u8>, Vec<u8>), Error> {
    let (event_id, exported_at) = (export.event_id(), export.began_at());
    let document = Document::<R::Row> { event_id, exported_at, data: Vec::new(), complete: true };
    let text = serde_json::to_string(&document).map_err(unwritten)?;
    let (before, behind) = text.split_once("[]").ok_or_else(|| unwritten("it has no entries"))?;
    Ok((format!("{before}[").into_bytes(), format!("]{behind}").into_bytes()))
}

fn body<T: Rows>(piece: &[T], format: Format, is_first: bool) -> Result<Vec<u8>, Error> {
    match format {
        Format::Json => {
            let mut out = Vec::new();
            for (nth, each) in piece.iter().enumerate() {
                out.extend_from_slice(if is_first && nth == 0 { b"\n" } else { b",\n" });
                serde_json::to_writer(&mut out, each).map_err(unwritten)?;
            }
            Ok(out)
        }
        Format::Csv => {
            let rows: Vec<Vec<String>> = piece.iter().flat_map(Rows::rows).collect();
            sheet(rows.iter().map(|row| row.iter().map(String::as_str)))
        }
    }
}

fn sheet<'c, R: Iterator<Item = &'c str>>(rows: impl IntoIterator<Item = R>) -> Result<Vec<u8>, Error> {
    let mut out = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        out.write_record(row.map(|cell| safe(cell).into_owned())).map_err(unwritten)?;
    }
    out.into_inner().map_err(|error| unwritten(error.into_error()))
}

/// A cell that no spreadsheet takes for a formula: people choose their names.
fn safe(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

#[allow(clippy::needless_pass_by_value, reason = "errors are handed over")]
fn unwritten(error: impl ToString) -> Error {
    Error::internal(format!("an export could not be written: {}", error.to_string()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn line(cells: &[&str]) -> String {
        String::from_utf8(sheet([cells.iter().copied()]).unwrap()).unwrap()
    }

    #[test]
    fn cells_are_quoted_where_they_have_to_be() {
        assert_eq!(line(&["a", "", "Ёлка"]), "a,,Ёлка\r\n");
        assert_eq!(line(&["a,b", "a\"b", "a\nb", "a\r\nb"]), "\"a,b\",\"a\"\"b\",\"a\nb\",\"a\r\nb\"\r\n");
        assert_eq!(line(&[""]), "\"\"\r\n", "an empty cell alone is no empty line");
    }

    #[test]
    fn no_cell_is_a_formula() {
        for begin in ["=", "+", "-", "@", "\t", "\r", "\n"] {
            let cell = format!("{begin}HYPERLINK(\"http://x\")");
            let written = line(&[&cell]);
            let read = written.trim_end_matches("\r\n").trim_matches('"');
            assert!(read.starts_with('\''), "{written:?}");
        }
        assert_eq!(line(&["1-2", "a=b", "'x"]), "1-2,a=b,'x\r\n");
    }
}
