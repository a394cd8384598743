//! Tickets to draw, and the real programs that read what was drawn (poppler's).

#![allow(dead_code, reason = "each test program uses a part")]

use std::path::PathBuf;
use std::process::Command;

use eventify_core::Language;
use eventify_core::seat_map::{BookedSeat, SeatId};
use eventify_core::text::{Speaker, Texts};
use eventify_core::ticket::{TicketPaper, TicketStatus, TicketView};
use eventify_core::{BookingId, EventId, Money, TicketId, TicketTypeId, Timestamp, UserId};
use std::sync::LazyLock;
use tempfile::TempDir;

/// As long as signed codes are.
pub(crate) const CODE: &str = "EV1.AAEBAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj9AQUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVpbXF1eX2A";

/// Words that are built in, and some of a host's own language.
static TEXTS: LazyLock<Texts> = LazyLock::new(|| {
    let german = "paper-when = Wann\npaper-seat-at = { $section }, Reihe { $row }, Platz { $number }\n\
        paper-date = { $weekday }, { $day }. { $month } { $year }\nmonth-5 = Mai\nweekday-6 = Samstag\n\
        paper-advice = Am Eingang vorzeigen.\npaper-ticket = Karte\n";
    Texts::bundled().with("de", "de.ftl", german).unwrap()
});
/// The languages of these.
pub(crate) static TAGS: LazyLock<[Language; 4]> =
    LazyLock::new(|| ["en", "ru", "kk", "de"].map(|tag| tag.parse().unwrap()));

/// Whoever speaks one of them.
pub(crate) fn speaker(tag: &str) -> Speaker<'static> {
    TEXTS.in_language(TAGS.iter().find(|language| language.tag() == tag).unwrap())
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn ticket() -> TicketPaper {
    let seat = SeatId { section: 1, row: 3, number: 12 };
    TicketPaper {
        ticket: TicketView {
            id: TicketId::from_bytes([1; 16]),
            code: CODE.to_owned(),
            short_code: "7KQ2-M4XB-09TZ".to_owned(),
            event_id: EventId::from_bytes([2; 16]),
            ticket_type_id: TicketTypeId::from_bytes([3; 16]),
            seat: Some(BookedSeat { seat, section: "Балкон".to_owned(), row: "C".to_owned() }),
            booking_id: BookingId::from_bytes([4; 16]),
            user_id: UserId::from_bytes([5; 16]),
            status: TicketStatus::Active,
            purchased_at: at("2027-03-01T10:00:00Z"),
            used_at: None,
        },
        title: "Қазақ джаз түні: Әсел, Ғани және Öykü Łukasz".to_owned(),
        venue: Some("Дворец Республики".to_owned()),
        city: Some("Алматы".to_owned()),
        starts_at: at("2027-05-01T13:00:00Z"),
        ends_at: at("2027-05-01T16:30:00Z"),
        doors_at: Some(at("2027-05-01T12:15:00Z")),
        time_zone: "Asia/Almaty".parse().unwrap(),
        is_event_cancelled: false,
        ticket_type: "Партер".to_owned(),
        price: Some(Money::new(450_000, "KZT".parse().unwrap())),
        holder: Some("Шәкәрім Құдайбердіұлы".to_owned()),
        created_at: at("2027-02-01T10:00:00Z"),
        updated_at: at("2027-03-01T10:00:00Z"),
    }
}

/// A PDF in a directory of its own.
pub(crate) struct Printed {
    dir: TempDir,
}

impl Printed {
    pub(crate) fn new(pdf: &[u8]) -> Self {
        let dir = TempDir::new().unwrap();
        std::fs::write(dir.path().join("ticket.pdf"), pdf).unwrap();
        Self { dir }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn run(&self, program: &str, arguments: &[&str]) -> String {
        let done = Command::new(program).args(arguments).current_dir(self.dir.path()).output();
        let done = done.unwrap_or_else(|e| panic!("{program}: {e}; scripts/need-poppler installs it"));
        assert!(done.status.success(), "{program}: {}", String::from_utf8_lossy(&done.stderr));
        let complaints = String::from_utf8_lossy(&done.stderr);
        // The standard asks for this entry as it is; poppler takes it for something else.
        let known = "Syntax Error: Suspects object is wrong type (boolean)";
        assert!(complaints.lines().all(|line| line == known), "{program}: {complaints}");
        // Titles of headings come as they are stored, which is not always UTF-8.
        String::from_utf8_lossy(&done.stdout).into_owned()
    }

    /// What can be searched and copied, on one line.
    pub(crate) fn text(&self) -> String {
        let text = self.run("pdftotext", &["-enc", "UTF-8", "ticket.pdf", "-"]);
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// What is known of the document, such as its `Title` and how many `Pages` it has.
    pub(crate) fn info(&self, name: &str) -> String {
        let all = self.run("pdfinfo", &["-enc", "UTF-8", "ticket.pdf"]);
        let line = all.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.unwrap_or_else(|| panic!("no {name} in {all}")).trim().to_owned()
    }

    /// The tags, as a screen reader goes through them.
    pub(crate) fn structure(&self) -> String {
        self.run("pdfinfo", &["-struct-text", "-enc", "UTF-8", "ticket.pdf"])
    }

    /// The page as a grey picture: width, height, and a byte for each pixel.
    pub(crate) fn picture(&self, dots_per_inch: u32) -> (usize, usize, Vec<u8>) {
        let resolution = dots_per_inch.to_string();
        self.run("pdftoppm", &["-r", &resolution, "-gray", "-singlefile", "ticket.pdf", "page"]);
        // A portable grey map: `P5`, width, height and 255, each followed by one white space, then the pixels.
        let map = std::fs::read(self.file("page.pgm")).unwrap();
        let mut parts = map.splitn(5, u8::is_ascii_whitespace);
        let mut next = || parts.next().unwrap();
        assert_eq!(next(), b"P5");
        let mut number = || -> usize { std::str::from_utf8(next()).unwrap().parse().unwrap() };
        let (width, height, lightest) = (number(), number(), number());
        assert_eq!(lightest, 255);
        (width, height, next().to_vec())
    }

    /// What a scanner reads from the page.
    pub(crate) fn scanned(&self, dots_per_inch: u32) -> Vec<String> {
        let (width, height, pixels) = self.picture(dots_per_inch);
        let mut page =
            rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| pixels[y * width + x]);
        page.detect_grids().into_iter().map(|grid| grid.decode().unwrap().1).collect()
    }
}
