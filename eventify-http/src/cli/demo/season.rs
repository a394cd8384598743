//! What is on.

use eventify_core::ticket_type::ReEntry;

/// An event of the season, with what becomes of it.
#[derive(Debug)]
pub(super) struct Show {
    pub(super) title: &'static str,
    pub(super) description: &'static str,
    pub(super) category: &'static str,
    pub(super) tags: &'static [&'static str],
    pub(super) venue: &'static str,
    pub(super) city: &'static str,
    pub(super) time_zone: &'static str,
    /// Index into the organizers.
    pub(super) organizer: usize,
    pub(super) when: When,
    pub(super) minutes: u64,
    pub(super) capacity: Option<u32>,
    pub(super) fate: Fate,
    pub(super) types: &'static [Type],
    pub(super) schedule: &'static [Item],
}

/// When it starts.
#[derive(Debug, Clone, Copy)]
pub(super) enum When {
    /// So many days from today, at this hour of its own time zone.
    Day(i16, i8),
    /// So many hours ago: it is going on.
    HoursAgo(u64),
}

/// What becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Draft,
    Published,
    Cancelled(&'static str),
}

#[derive(Debug)]
pub(super) struct Type {
    pub(super) name: &'static str,
    /// In minor units, with its currency.
    pub(super) price: (i64, &'static str),
    pub(super) quantity: u32,
    pub(super) per_person_max: Option<u32>,
    pub(super) sales: Sales,
    /// How many are wanted.
    pub(super) wanted: u32,
    pub(super) re_entry: ReEntry,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Sales {
    Open,
    /// They begin so many days from now.
    BeginInDays(u64),
    /// They ended so many days ago.
    EndedDaysAgo(u64),
}

/// An entry of a schedule: minutes after the start, for so many minutes.
#[derive(Debug)]
pub(super) struct Item(pub u64, pub u64, pub &'static str, pub Option<&'static str>, pub &'static str);

const fn kind(name: &'static str, price: (i64, &'static str), quantity: u32, wanted: u32) -> Type {
    Type { name, price, quantity, per_person_max: None, sales: Sales::Open, wanted, re_entry: ReEntry::Once }
}

/// For an open place: people come and go.
const fn open(name: &'static str, price: (i64, &'static str), quantity: u32, wanted: u32) -> Type {
    Type { re_entry: ReEntry::InOut, ..kind(name, price, quantity, wanted) }
}

const fn limited(
    name: &'static str,
    price: (i64, &'static str),
    quantity: u32,
    wanted: u32,
    max: u32,
) -> Type {
    Type {
        name,
        price,
        quantity,
        per_person_max: Some(max),
        sales: Sales::Open,
        wanted,
        re_entry: ReEntry::Once,
    }
}

const fn early(name: &'static str, price: (i64, &'static str), quantity: u32, wanted: u32, ago: u64) -> Type {
    Type {
        name,
        price,
        quantity,
        per_person_max: None,
        sales: Sales::EndedDaysAgo(ago),
        wanted,
        re_entry: ReEntry::Once,
    }
}

const fn later(name: &'static str, price: (i64, &'static str), quantity: u32, days: u64) -> Type {
    Type {
        name,
        price,
        quantity,
        per_person_max: None,
        sales: Sales::BeginInDays(days),
        wanted: 0,
        re_entry: ReEntry::Once,
    }
}

// A table: one line per thing that belongs together.
#[rustfmt::skip]
pub(super) const SEASON: [Show; 16] = [
    Show {
        title: "Книжный салон на Абая",
        description: "Два дня с авторами, переводчиками и маленькими издательствами. Автограф-сессии и обмен книгами.",
        category: "Literature", tags: &["книги", "семья"],
        venue: "Национальная библиотека", city: "Almaty", time_zone: "Asia/Almaty", organizer: 0,
        when: When::Day(-9, 11), minutes: 540, capacity: None, fate: Fate::Published,
        types: &[kind("Вход", (0, "KZT"), 200, 34), kind("Мастер-класс", (350_000, "KZT"), 20, 20)],
        schedule: &[
            Item(30, 60, "Открытие и чтения", Some("Марина Соколова"), "Большой зал"),
            Item(120, 90, "Как переводить шутки", None, "Большой зал"),
            Item(120, 60, "Книга своими руками", None, "Мастерская"),
        ],
    },
    Show {
        title: "Food Trucks & Fireflies",
        description: "Forty food trucks, one meadow, and the last fireflies of the season. Dogs and children welcome.",
        category: "Food", tags: &["street food", "family", "outdoor"],
        venue: "Prospect Park, Long Meadow", city: "New York", time_zone: "America/New_York", organizer: 3,
        when: When::HoursAgo(2), minutes: 420, capacity: Some(500), fate: Fate::Published,
        types: &[open("Entry", (0, "USD"), 400, 38), limited("Tasting passport", (4_500, "USD"), 60, 26, 2)],
        schedule: &[],
    },
    Show {
        title: "Алматы джаз түні",
        description: "Төрт топ, бір сахна, таң атқанша. Қазақ күйлері мен жаңа джаз бірге шырқалады.",
        category: "Concert", tags: &["джаз", "jazz", "музыка"],
        venue: "Жамбыл атындағы филармония", city: "Almaty", time_zone: "Asia/Almaty", organizer: 0,
        when: When::Day(6, 19), minutes: 300, capacity: Some(400), fate: Fate::Published,
        types: &[
            early("Ерте билет", (600_000, "KZT"), 30, 30, 12),
            kind("Партер", (1_200_000, "KZT"), 250, 31),
            kind("Балкон", (800_000, "KZT"), 120, 9),
        ],
        schedule: &[
            Item(0, 60, "Steppe Quartet", Some("Нұрлан Әбенов"), "Main stage"),
            Item(75, 60, "Домбыра & Bass", None, "Main stage"),
            Item(150, 120, "Jam session", None, "Main stage"),
        ],
    },
    Show {
        title: "Ночной забег у подножия гор",
        description: "10 километров при свете фонарей. Старт у Медеу, чай и баурсаки на финише.",
        category: "Sport", tags: &["бег", "ночь"],
        venue: "Медеу", city: "Almaty", time_zone: "Asia/Almaty", organizer: 0,
        when: When::Day(20, 21), minutes: 210, capacity: None, fate: Fate::Published,
        types: &[limited("Участник", (500_000, "KZT"), 300, 22, 1), kind("Болельщик", (0, "KZT"), 500, 14)],
        schedule: &[],
    },
    Show {
        title: "Astana Tech Days",
        description: "Two days about databases, language models, and keeping both honest. Talks in English and Kazakh, \
                      simultaneous translation into Russian.",
        category: "Conference", tags: &["tech", "databases", "rust"],
        venue: "Astana Hub", city: "Astana", time_zone: "Asia/Almaty", organizer: 0,
        when: When::Day(13, 10), minutes: 1_920, capacity: Some(250), fate: Fate::Published,
        types: &[
            open("Two days", (2_500_000, "KZT"), 180, 27),
            limited("Student", (0, "KZT"), 40, 40, 2),
            limited("Speaker", (0, "KZT"), 20, 8, 1),
        ],
        schedule: &[
            Item(0, 45, "Opening: what we keep, what we forget", Some("Aigerim Sadykova"), "Hall A"),
            Item(60, 45, "One file is enough", Some("Priya Natarajan"), "Hall A"),
            Item(60, 90, "Workshop: your first parser", Some("Timur Akhmetov"), "Lab"),
            Item(120, 45, "Деректер қорын қалай сынаймыз", Some("Ержан Тілеу"), "Hall A"),
            Item(1_440, 60, "Panel: who maintains this?", Some("Grace Adeyemi, Sam O'Connor"), "Hall A"),
            Item(1_530, 45, "Clocks lie", Some("Hanna Kowalczyk"), "Hall B"),
        ],
    },
    Show {
        title: "Lange Nacht der Synthesizer",
        description: "Modulare Systeme zum Anfassen, Konzerte bis zwei Uhr, Lötkurs für Anfänger. Ohrstöpsel liegen bereit.",
        category: "Concert", tags: &["synthesizer", "elektronik", "workshop"],
        venue: "Alte Münze", city: "Berlin", time_zone: "Europe/Berlin", organizer: 1,
        when: When::Day(9, 20), minutes: 360, capacity: None, fate: Fate::Published,
        types: &[
            kind("Abendkasse", (2_200, "EUR"), 150, 33),
            limited("Lötkurs", (4_500, "EUR"), 12, 12, 1),
        ],
        schedule: &[
            Item(0, 120, "Lötkurs", Some("Björn Ångström"), "Werkstatt"),
            Item(30, 75, "Rauschen und Ruhe", Some("Lena Hoffmann"), "Gewölbe"),
            Item(120, 75, "Drei Oszillatoren", None, "Gewölbe"),
        ],
    },
    Show {
        title: "Rust & Friends: autumn meetup",
        description: "Three short talks and a long dinner. Bring a bug that you are proud of.",
        category: "Meetup", tags: &["rust", "tech"],
        venue: "c-base", city: "Berlin", time_zone: "Europe/Berlin", organizer: 1,
        when: When::Day(4, 18), minutes: 180, capacity: Some(20), fate: Fate::Published,
        types: &[limited("Seat", (0, "EUR"), 20, 20, 1)],
        schedule: &[],
    },
    Show {
        title: "Noite de Fado em Alfama",
        description: "Três vozes, duas guitarras e uma sala pequena. Petiscos incluídos.",
        category: "Concert", tags: &["fado", "música", "alfama"],
        venue: "Casa da Mariquinhas", city: "Lisbon", time_zone: "Europe/Lisbon", organizer: 1,
        when: When::Day(16, 21), minutes: 150, capacity: Some(60), fate: Fate::Published,
        types: &[kind("Mesa", (3_800, "EUR"), 48, 29), kind("Balcão", (2_000, "EUR"), 12, 5)],
        schedule: &[],
    },
    Show {
        title: "夜の写真ワークショップ",
        description: "隅田川沿いで長時間露光を学びます。三脚をお持ちください。初心者歓迎。",
        category: "Workshop", tags: &["写真", "夜景"],
        venue: "浅草文化観光センター", city: "Tokyo", time_zone: "Asia/Tokyo", organizer: 2,
        when: When::Day(11, 18), minutes: 180, capacity: None, fate: Fate::Published,
        types: &[limited("参加券", (6_800, "JPY"), 15, 11, 2)],
        schedule: &[],
    },
    Show {
        title: "東京ボードゲーム祭",
        description: "二日間、二百のゲーム、初めての人のための説明付きテーブル。",
        category: "Festival", tags: &["ボードゲーム", "family"],
        venue: "東京流通センター", city: "Tokyo", time_zone: "Asia/Tokyo", organizer: 2,
        when: When::Day(27, 10), minutes: 1_860, capacity: Some(800), fate: Fate::Published,
        types: &[open("一日券", (1_500, "JPY"), 500, 25), kind("中学生以下", (0, "JPY"), 300, 16)],
        schedule: &[
            Item(0, 60, "開会式", Some("Yui Tanaka"), "メインステージ"),
            Item(90, 120, "はじめてのユーロゲーム", Some("中村 さくら"), "テーブル A"),
            Item(1_440, 120, "決勝大会", None, "メインステージ"),
        ],
    },
    Show {
        title: "Rooftop Poetry Slam",
        description: "Eight poets, three rounds, one open mic. The elevator is slow: come early.",
        category: "Literature", tags: &["poetry", "open mic"],
        venue: "Bowery Loft", city: "New York", time_zone: "America/New_York", organizer: 3,
        when: When::Day(8, 19), minutes: 150, capacity: Some(90), fate: Fate::Published,
        types: &[kind("General", (1_800, "USD"), 80, 28), limited("Poet", (0, "USD"), 10, 8, 1)],
        schedule: &[],
    },
    Show {
        title: "Cinéma sous les étoiles",
        description: "Un classique muet, un piano, des couvertures. En cas de pluie : salle des fêtes.",
        category: "Film", tags: &["cinéma", "plein air"],
        venue: "Parc de la Villette", city: "Paris", time_zone: "Europe/Paris", organizer: 3,
        when: When::Day(41, 21), minutes: 150, capacity: None, fate: Fate::Published,
        types: &[later("Transat", (1_200, "EUR"), 250, 7), later("Pelouse", (0, "EUR"), 600, 7)],
        schedule: &[],
    },
    Show {
        title: "Samba na Praça",
        description: "Roda de samba aberta, com oficina de percussão para crianças.",
        category: "Concert", tags: &["samba", "música", "family"],
        venue: "Praça da República", city: "São Paulo", time_zone: "America/Sao_Paulo", organizer: 3,
        when: When::Day(3, 16), minutes: 240, capacity: None,
        fate: Fate::Cancelled("A praça está fechada por causa das chuvas. Avisaremos da nova data."),
        types: &[kind("Entrada", (2_500, "BRL"), 300, 21)],
        schedule: &[],
    },
    Show {
        title: "ليلة الفلك في الصحراء",
        description: "تلسكوبات كبيرة وسماء صافية وشاي ساخن. النقل من المدينة متوفر.",
        category: "Science", tags: &["فلك", "outdoor"],
        venue: "مخيم السالمي", city: "Kuwait City", time_zone: "Asia/Kuwait", organizer: 2,
        when: When::Day(18, 20), minutes: 300, capacity: Some(70), fate: Fate::Published,
        types: &[kind("تذكرة", (7_500, "KWD"), 50, 17), kind("مع النقل", (12_250, "KWD"), 20, 6)],
        schedule: &[],
    },
    Show {
        title: "The Lisbon Marathon of Small Bookshops",
        description: "Fourteen bookshops, one map, stamps for your booklet. Walk it in any order.",
        category: "Literature", tags: &["books", "walking", "lisbon"],
        venue: "Livraria Ler Devagar", city: "Lisbon", time_zone: "Europe/Lisbon", organizer: 1,
        when: When::Day(33, 10), minutes: 480, capacity: None, fate: Fate::Published,
        types: &[kind("Booklet", (500, "EUR"), 1_000, 18)],
        schedule: &[],
    },
    Show {
        title: "Winter Lights (working title)",
        description: "Still being planned: lanterns along the river, three stages.",
        category: "Festival", tags: &["winter"],
        venue: "Embankment", city: "Astana", time_zone: "Asia/Almaty", organizer: 0,
        when: When::Day(75, 17), minutes: 300, capacity: None, fate: Fate::Draft,
        types: &[kind("Entry", (0, "KZT"), 2_000, 0)],
        schedule: &[],
    },
];
