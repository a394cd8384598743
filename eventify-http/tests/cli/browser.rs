//! A real browser: Chromium without a window, told what to do over its debugging pipe.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use serde_json::{Value, json};

use crate::cli_support::PATIENCE;

/// It reads orders where it was given its input, and answers where it was given its output.
const LAUNCH: &str = "exec \"$0\" --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run \
    --disable-background-networking --disable-component-update --disable-sync --remote-debugging-pipe \
    --user-data-dir=\"$1\" about:blank 3<&0 4>&1 </dev/null >/dev/null 2>&1";

/// A browser with one page. Ends when it is dropped, with everything that it kept.
pub(super) struct Browser {
    process: Child,
    orders: ChildStdin,
    said: Receiver<Value>,
    asked: u64,
    session: String,
    /// Pages that were loaded, with their scripts.
    loaded: u64,
    /// What the page's console says of it.
    pub(super) complaints: Vec<String>,
    _profile: tempfile::TempDir,
}

impl Browser {
    pub(super) fn open() -> Self {
        let profile = tempfile::tempdir().unwrap();
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", LAUNCH]).arg(program()).arg(profile.path());
        let mut process = shell.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let orders = process.stdin.take().unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let (say, said) = channel();
        // Ends with the browser's output.
        std::thread::spawn(move || {
            let mut message = Vec::new();
            while output.read_until(0, &mut message).is_ok_and(|count| count > 0) {
                message.pop();
                if say.send(serde_json::from_slice(&message).unwrap()).is_err() {
                    return;
                }
                message.clear();
            }
        });
        let (session, complaints) = (String::new(), Vec::new());
        let mut browser =
            Self { process, orders, said, asked: 0, session, loaded: 0, complaints, _profile: profile };
        let page = browser.ask("Target.createTarget", &json!({ "url": "about:blank" }))["targetId"].clone();
        let attached = browser.ask("Target.attachToTarget", &json!({ "targetId": page, "flatten": true }));
        attached["sessionId"].as_str().unwrap().clone_into(&mut browser.session);
        for domain in ["Page.enable", "Runtime.enable", "Log.enable"] {
            browser.ask(domain, &json!({}));
        }
        browser
    }

    /// Opens an address, and waits until its page and scripts are there.
    pub(super) fn go(&mut self, url: &str) {
        // From elsewhere: an address that differs behind its "#" only is the same page, and nothing is loaded.
        for url in ["about:blank", url] {
            let before = self.loaded;
            let went = self.ask("Page.navigate", &json!({ "url": url }));
            assert!(went["errorText"].is_null(), "{went}");
            self.wait_for_more_than(before);
        }
    }

    /// What an expression comes to in the page.
    pub(super) fn eval(&mut self, expression: &str) -> Value {
        let came = self.ask("Runtime.evaluate", &json!({ "expression": expression, "returnByValue": true }));
        assert!(came["exceptionDetails"].is_null(), "{came}");
        came["result"]["value"].clone()
    }

    /// Where it has been.
    pub(super) fn history(&mut self) -> Vec<String> {
        let history = self.ask("Page.getNavigationHistory", &json!({}));
        history["entries"].as_array().unwrap().iter().map(|entry| entry["url"].to_string()).collect()
    }

    /// Presses the page's button, and waits for the page that follows.
    pub(super) fn press_button(&mut self) {
        let before = self.loaded;
        self.eval("document.querySelector('button').click()");
        self.wait_for_more_than(before);
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.asked += 1;
        let id = self.asked;
        let mut order = json!({ "id": id, "method": method, "params": params });
        if !self.session.is_empty() {
            order["sessionId"] = json!(self.session);
        }
        self.orders.write_all(format!("{order}\0").as_bytes()).unwrap();
        let answer = self.next(|message| message["id"] == id);
        assert!(answer["error"].is_null(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// A page may be there before the answer that says it is on its way.
    fn wait_for_more_than(&mut self, loaded: u64) {
        while self.loaded <= loaded {
            self.next(|message| message["method"] == "Page.loadEventFired");
        }
    }

    fn next(&mut self, is_it: impl Fn(&Value) -> bool) -> Value {
        loop {
            let message =
                self.said.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("the browser is silent"));
            match message["method"].as_str() {
                Some("Page.loadEventFired") => self.loaded += 1,
                Some("Log.entryAdded") => {
                    self.complaints.push(message["params"]["entry"]["text"].to_string());
                }
                Some("Runtime.exceptionThrown") => self.complaints.push(message["params"].to_string()),
                _ => {}
            }
            if is_it(&message) {
                return message;
            }
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn program() -> &'static str {
    let is_there = |name: &&str| {
        let tried = Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        tried.is_ok_and(|status| status.success())
    };
    let known = ["chromium", "chromium-browser"];
    known.into_iter().find(is_there).unwrap_or_else(|| panic!("scripts/need-chromium installs Chromium"))
}
