//! The languages that a ticket speaks.

use std::fmt::Write as _;
use std::str::FromStr;

use jiff::Zoned;
use jiff::civil::Date;

/// A language of the words on a ticket. What people wrote stays as they wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// English, also for everybody whose language is none of these.
    #[default]
    English,
    /// Russian.
    Russian,
    /// Kazakh.
    Kazakh,
}

/// The text names no language of tickets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be en, ru or kk")]
pub struct UnknownLanguage;

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(tag: &str) -> Result<Self, UnknownLanguage> {
        // The part before a region or script: `kk-Cyrl-KZ` is Kazakh.
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        let found = Self::ALL.into_iter().find(|language| primary.eq_ignore_ascii_case(language.tag()));
        found.ok_or(UnknownLanguage)
    }
}

impl From<&eventify_core::Language> for Language {
    /// English for a language that there are no words in.
    fn from(language: &eventify_core::Language) -> Self {
        language.primary().parse().unwrap_or_default()
    }
}

impl From<Language> for eventify_core::Language {
    fn from(language: Language) -> Self {
        language.tag().parse().unwrap_or_default()
    }
}

/// The words on a ticket.
pub(crate) struct Words {
    pub(crate) when: &'static str,
    pub(crate) doors: &'static str,
    pub(crate) place: &'static str,
    pub(crate) ticket: &'static str,
    pub(crate) seat: &'static str,
    pub(crate) name: &'static str,
    pub(crate) price: &'static str,
    pub(crate) free: &'static str,
    pub(crate) code: &'static str,
    pub(crate) picture: &'static str,
    pub(crate) advice: &'static str,
    row: &'static str,
    number: &'static str,
    months: [&'static str; 12],
    weekdays: [&'static str; 7],
}

const ENGLISH: Words = Words {
    when: "Date and time",
    doors: "Doors open",
    place: "Place",
    ticket: "Ticket",
    seat: "Seat",
    name: "Name",
    price: "Price",
    free: "Free",
    code: "Code",
    picture: "QR code of the ticket",
    advice: "Show the code at the door, on paper or on a screen. It lets in whoever shows it first: keep pictures of it to yourself.",
    row: "row",
    number: "seat",
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    weekdays: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
};

const RUSSIAN: Words = Words {
    when: "Дата и время",
    doors: "Вход открыт с",
    place: "Место",
    ticket: "Билет",
    seat: "Ваше место",
    name: "Имя",
    price: "Цена",
    free: "Бесплатно",
    code: "Код",
    picture: "QR-код билета",
    advice: "Покажите код на входе, на бумаге или на экране. Войдёт тот, кто покажет его первым: никому не посылайте его снимок.",
    row: "ряд",
    number: "место",
    months: [
        "января",
        "февраля",
        "марта",
        "апреля",
        "мая",
        "июня",
        "июля",
        "августа",
        "сентября",
        "октября",
        "ноября",
        "декабря",
    ],
    weekdays: ["понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье"],
};

const KAZAKH: Words = Words {
    when: "Күні мен уақыты",
    doors: "Есік ашылады",
    place: "Өтетін жері",
    ticket: "Билет",
    seat: "Орныңыз",
    name: "Аты-жөні",
    price: "Бағасы",
    free: "Тегін",
    code: "Код",
    picture: "Билеттің QR-коды",
    advice: "Кодты кіреберісте қағаздан не экраннан көрсетіңіз. Кім бірінші көрсетсе, сол кіреді: суретін ешкімге жібермеңіз.",
    row: "қатар",
    number: "орын",
    months: [
        "қаңтар",
        "ақпан",
        "наурыз",
        "сәуір",
        "мамыр",
        "маусым",
        "шілде",
        "тамыз",
        "қыркүйек",
        "қазан",
        "қараша",
        "желтоқсан",
    ],
    weekdays: ["дүйсенбі", "сейсенбі", "сәрсенбі", "бейсенбі", "жұма", "сенбі", "жексенбі"],
};

impl Language {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::English, Self::Russian, Self::Kazakh];

    /// Its tag (BCP 47).
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Russian => "ru",
            Self::Kazakh => "kk",
        }
    }

    /// What the code that a person can type is called.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.words().code
    }

    /// What the picture of the code is called, for those who do not see it.
    #[must_use]
    pub const fn picture(self) -> &'static str {
        self.words().picture
    }

    /// What to do with the code.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        self.words().advice
    }

    pub(crate) const fn words(self) -> &'static Words {
        match self {
            Self::English => &ENGLISH,
            Self::Russian => &RUSSIAN,
            Self::Kazakh => &KAZAKH,
        }
    }

    /// A seat, such as `Balcony, row C, seat 12`.
    #[must_use]
    pub fn seat(self, section: &str, row: &str, number: u16) -> String {
        let words = self.words();
        match self {
            Self::Kazakh => format!("{section}, {row}-{}, {number}-{}", words.row, words.number),
            Self::English | Self::Russian => {
                format!("{section}, {} {row}, {} {number}", words.row, words.number)
            }
        }
    }

    fn date(self, date: Date) -> String {
        let words = self.words();
        let pick = |list: &[&'static str], at: i8| {
            usize::try_from(at).ok().and_then(|at| list.get(at).copied()).unwrap_or_default()
        };
        let month = pick(&words.months, date.month() - 1);
        let weekday = pick(&words.weekdays, date.weekday().to_monday_zero_offset());
        let (day, year) = (date.day(), date.year());
        match self {
            Self::English => format!("{weekday}, {day} {month} {year}"),
            Self::Russian => format!("{weekday}, {day} {month} {year} г."),
            Self::Kazakh => format!("{year} жылғы {day} {month}, {weekday}"),
        }
    }

    /// From when to when, in the zone of both, which is named.
    pub(crate) fn period(self, start: &Zoned, end: &Zoned) -> String {
        let mut text = format!("{}, {}", self.date(start.date()), clock(start));
        if start.date() == end.date() {
            let _ = write!(text, " – {}", clock(end));
        } else {
            let _ = write!(text, " – {}, {}", self.date(end.date()), clock(end));
        }
        // Clocks that change meanwhile are the zone's business: the offset is that of the start.
        let zone = start.time_zone().iana_name().unwrap_or("UTC");
        match zone {
            "UTC" => text.push_str(" (UTC)"),
            zone => {
                let _ = write!(text, " ({zone}, UTC{})", start.strftime("%:z"));
            }
        }
        text
    }

    /// An instant of the day on which something starts, or with its own date.
    pub(crate) fn instant(self, at: &Zoned, start: &Zoned) -> String {
        if at.date() == start.date() { clock(at) } else { format!("{}, {}", self.date(at.date()), clock(at)) }
    }
}

fn clock(at: &Zoned) -> String {
    format!("{:02}:{:02}", at.hour(), at.minute())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::Language;

    #[test]
    fn people_s_languages_are_those_of_tickets_or_english() {
        for (tag, expected) in
            [("kk-Cyrl-KZ", Language::Kazakh), ("ru", Language::Russian), ("pt-br", Language::English)]
        {
            assert_eq!(Language::from(&tag.parse::<eventify_core::Language>().unwrap()), expected, "{tag}");
        }
    }

    #[test]
    fn dates_are_written_as_people_write_them() {
        let at = |text: &str| {
            let instant: jiff::Timestamp = text.parse().unwrap();
            instant.in_tz("Asia/Almaty").unwrap()
        };
        let (start, end) = (at("2027-05-01T13:00:00Z"), at("2027-05-01T16:30:00Z"));
        for (language, text) in [
            (Language::English, "Saturday, 1 May 2027, 18:00 – 21:30 (Asia/Almaty, UTC+05:00)"),
            (Language::Russian, "суббота, 1 мая 2027 г., 18:00 – 21:30 (Asia/Almaty, UTC+05:00)"),
            (Language::Kazakh, "2027 жылғы 1 мамыр, сенбі, 18:00 – 21:30 (Asia/Almaty, UTC+05:00)"),
        ] {
            assert_eq!(language.period(&start, &end), text);
        }
        let night = Language::English.period(&start, &at("2027-05-01T20:00:00Z"));
        assert_eq!(night, "Saturday, 1 May 2027, 18:00 – Sunday, 2 May 2027, 01:00 (Asia/Almaty, UTC+05:00)");
        assert_eq!(Language::English.instant(&at("2027-05-01T12:15:00Z"), &start), "17:15");
        assert_eq!(Language::Kazakh.seat("Балкон", "B", 7), "Балкон, B-қатар, 7-орын");
    }
}
