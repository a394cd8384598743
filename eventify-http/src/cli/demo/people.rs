//! Who is in the season.

/// Somebody with a demo account. `example` addresses belong to nobody (RFC 2606).
#[derive(Debug, Clone, Copy)]
pub(super) struct Person {
    pub(super) name: &'static str,
    pub(super) email: &'static str,
}

const fn person(name: &'static str, email: &'static str) -> Person {
    Person { name, email }
}

pub(super) static ADMIN: Person = person("Demo Admin", "admin@demo.example");

pub(super) static ORGANIZERS: [Person; 4] = [
    person("Aigerim Sadykova", "organizer@demo.example"),
    person("Jonas Brandt", "jonas@demo.example"),
    person("Yui Tanaka", "yui@demo.example"),
    person("Maya Rosenberg", "maya@demo.example"),
];

pub(super) static ATTENDEES: [Person; 24] = [
    person("Ada Whitfield", "attendee@demo.example"),
    person("Нұрлан Әбенов", "nurlan@demo.example"),
    person("Марина Соколова", "marina@demo.example"),
    person("Tiago Marques", "tiago@demo.example"),
    person("佐藤 健", "ken@demo.example"),
    person("Lena Hoffmann", "lena@demo.example"),
    person("Dana Ospanova", "dana@demo.example"),
    person("Omar Al-Rashid", "omar@demo.example"),
    person("Inês Carvalho", "ines@demo.example"),
    person("Sam O'Connor", "sam@demo.example"),
    person("Ержан Тілеу", "yerzhan@demo.example"),
    person("Zoë Lefèvre", "zoe@demo.example"),
    person("中村 さくら", "sakura@demo.example"),
    person("Priya Natarajan", "priya@demo.example"),
    person("Mateus Oliveira", "mateus@demo.example"),
    person("Ольга Ким", "olga@demo.example"),
    person("Grace Adeyemi", "grace@demo.example"),
    person("Björn Ångström", "bjorn@demo.example"),
    person("Айша Бекова", "aisha@demo.example"),
    person("Luca De Santis", "luca@demo.example"),
    person("Chloé Nguyen", "chloe@demo.example"),
    person("Timur Akhmetov", "timur@demo.example"),
    person("Hanna Kowalczyk", "hanna@demo.example"),
    person("Noah Feldman", "noah@demo.example"),
];

pub(super) fn everybody() -> impl Iterator<Item = &'static Person> {
    ORGANIZERS.iter().chain(&ATTENDEES).chain([&ADMIN])
}
