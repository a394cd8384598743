//! The few words that adapters add to a message, in the recipient's language.

use eventify_core::Language;

/// Everything that is said beside the message itself.
#[derive(Debug)]
pub(crate) struct Words {
    /// Greets a person by the name that follows.
    pub(crate) hello: &'static str,
    pub(crate) see_event: &'static str,
    pub(crate) confirm_address: &'static str,
    pub(crate) set_password: &'static str,
    /// Why somebody gets this.
    pub(crate) reason: &'static str,
    pub(crate) unsubscribe: &'static str,
}

const ENGLISH: Words = Words {
    hello: "Hello",
    see_event: "Open the event",
    confirm_address: "Confirm the address",
    set_password: "Set a new password",
    reason: "You get this message because somebody gave this address for an account or a ticket.",
    unsubscribe: "No more messages of this kind",
};

const RUSSIAN: Words = Words {
    hello: "Здравствуйте",
    see_event: "Открыть мероприятие",
    confirm_address: "Подтвердить адрес",
    set_password: "Задать новый пароль",
    reason: "Вы получили это письмо, потому что этот адрес указан в учётной записи или в билете.",
    unsubscribe: "Больше не присылать таких писем",
};

const KAZAKH: Words = Words {
    hello: "Сәлеметсіз бе",
    see_event: "Іс-шараны ашу",
    confirm_address: "Мекенжайды растау",
    set_password: "Жаңа құпиясөз қою",
    reason: "Бұл хат осы мекенжай тіркелгіде немесе билетте көрсетілгендіктен келді.",
    unsubscribe: "Мұндай хаттарды бұдан былай жібермеу",
};

/// The words of a language; English for every other.
pub(crate) fn of(language: &Language) -> &'static Words {
    match language.primary() {
        "ru" => &RUSSIAN,
        "kk" => &KAZAKH,
        _ => &ENGLISH,
    }
}
