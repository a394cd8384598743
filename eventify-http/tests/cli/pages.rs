//! The pages that mails lead to, in a real browser: from the link of a mail to what it is for.

use mail_parser::MessageParser;
use serde_json::json;

use super::browser::Browser;
use crate::cli_support::{Place, Service};
use crate::mail_server;

const PASSWORD: &str = "a long enough secret";
const SITE: &str = "https://tickets.example.org";

/// The link of the next mail that has one to this page, as it is on this machine.
fn link(mail: &mail_server::Server, service: &Service, page: &str) -> String {
    let begins = format!("{SITE}/{page}#token=");
    loop {
        let mail = mail.next();
        let parsed = MessageParser::default().parse(&mail.bytes).unwrap();
        let text = parsed.body_text(0).unwrap().into_owned();
        if let Some(link) = text.split_whitespace().find(|word| word.starts_with(&begins)) {
            return link.replace(SITE, &format!("http://{}", service.address));
        }
    }
}

/// What scripts of the page left of its link: the code is in the form, and not in the address any more.
fn code_in_form(browser: &mut Browser, link: &str) {
    browser.go(link);
    let (page, code) = link.split_once("#token=").unwrap();
    assert_eq!(browser.eval("document.querySelector('input[name=token]').value"), code);
    assert_eq!(browser.eval("location.href"), page);
    assert!(browser.history().iter().all(|visited| !visited.contains(code)), "going back leads to no code");
}

#[test]
fn a_browser_goes_from_a_mail_to_a_proven_address_and_a_new_password() {
    let mail = mail_server::Server::start(&[]);
    let server = format!("localhost:{}", mail.port);
    let place = Place::new();
    let service = place.serve(&[
        "--mail-server",
        &server,
        "--mail-security",
        "none",
        "--mail-from",
        "tickets@example.org",
        "--public-url",
        SITE,
    ]);
    let ada = json!({ "name": "Ada", "email": "ada@example.org", "password": PASSWORD });
    service.client().post("/api/auth/register", &ada).is(201);
    let mut browser = Browser::open();

    code_in_form(&mut browser, &link(&mail, &service, "verify-email"));
    browser.press_button();
    assert_eq!(browser.eval("document.querySelector('h1').innerText"), "Your address is confirmed");
    let mut client = service.client().log_in("ada@example.org", PASSWORD);
    assert_eq!(client.get("/api/users/me").is(200).json()["email_verified"], true);

    client.post("/api/auth/password-reset", &json!({ "email": "ada@example.org" })).is(202);
    let reset = link(&mail, &service, "reset-password");
    code_in_form(&mut browser, &reset);
    // The browser itself keeps a form back that is not filled in.
    browser.eval("document.querySelector('button').click()");
    assert_eq!(browser.eval("document.querySelector('form').checkValidity()"), false);
    browser.eval("document.querySelector('input[name=new_password]').value = 'another long secret'");
    browser.press_button();
    assert_eq!(browser.eval("document.querySelectorAll('form').length"), 0);
    service.client().log_in("ada@example.org", "another long secret");

    // A link that is used again says so, in words that hold nothing of the code.
    code_in_form(&mut browser, &reset);
    browser.eval("document.querySelector('input[name=new_password]').value = 'yet another secret'");
    browser.press_button();
    assert_eq!(browser.eval("document.querySelectorAll('[role=alert]').length"), 1);
    assert_eq!(browser.complaints, Vec::<String>::new(), "neither scripts nor styles are kept out");
    assert_eq!(service.stop().0.code(), Some(0));
}

#[test]
fn words_of_an_organizer_stay_words_in_a_browser() {
    let place = Place::new();
    let service = place.serve(&[]);
    let mut olga = service.client().register("olga", PASSWORD).become_organizer();
    let title = "<script>document.title='x'</script><img src=x onerror=\"document.title='y'\">";
    let event = json!({
        "title": title, "description": format!("</p>{title}"),
        "starts_at": "2099-01-01T18:00:00Z", "ends_at": "2099-01-01T22:00:00Z",
    });
    let event = olga.post("/api/events", &event).is(201).text("/id");
    let seats = json!({ "name": "Seat", "quantity": 10 });
    olga.post(&format!("/api/events/{event}/ticket-types"), &seats).is(201);
    olga.post(&format!("/api/events/{event}/publish"), &json!({})).is(200);
    let mut browser = Browser::open();
    browser.go(&format!("http://{}/events/{event}", service.address));
    assert_eq!(browser.eval("document.title"), title);
    assert_eq!(browser.eval("document.querySelector('h1').innerText"), title);
    assert_eq!(browser.eval("document.querySelectorAll('img, script').length"), 0);
}
