//! The generated contract: it has every route of the written one, no other, and holds together.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::Service;

/// The written contract's routes so far; `docs/http-api.md` has the same table.
const ROUTES: &str = "
    POST /api/auth/register
    POST /api/auth/login
    POST /api/auth/refresh
    POST /api/auth/logout
    POST /api/auth/password-reset
    POST /api/auth/password-reset/confirm
    POST /api/auth/verify-email
    GET PUT /api/users/me
    POST /api/users/me/password
    POST /api/users/me/become-organizer
    POST /api/users/me/verification
    GET DELETE /api/users/me/sessions
    DELETE /api/users/me/sessions/{session}
    GET POST /api/users/me/second-factor
    POST /api/users/me/second-factor/confirm
    POST /api/users/me/second-factor/recovery-codes
    POST /api/users/me/second-factor/disable
    GET POST /api/users/me/api-keys
    DELETE /api/users/me/api-keys/{key}
    GET /api/users/me/export
    GET /api/users/me/stats
    POST /api/users/me/erase
    GET DELETE /api/users/{id}
    DELETE /api/users/{id}/second-factor
    PUT /api/users/{id}/role
    GET POST /api/events
    GET PUT DELETE /api/events/{id}
    POST /api/events/{id}/publish
    POST /api/events/{id}/cancel
    GET POST /api/events/{id}/schedule
    GET PUT DELETE /api/events/{id}/schedule/{item}
    GET POST /api/categories
    GET DELETE /api/categories/{id}
    GET POST /api/events/{id}/ticket-types
    GET PUT /api/events/{id}/ticket-types/{type}
    GET POST /api/events/{id}/promo-codes
    GET PUT DELETE /api/events/{id}/promo-codes/{promo}
    POST /api/events/{id}/promo-codes/check
    GET POST DELETE /api/events/{id}/ticket-types/{type}/waitlist
    GET PUT /api/events/{id}/seat-map
    GET PUT DELETE /api/events/{id}/seat-map/sections/{section}
    POST /api/events/{id}/tickets
    GET POST /api/bookings
    GET DELETE /api/bookings/{id}
    POST /api/bookings/{id}/confirm
    POST /api/payments
    GET /api/payments/methods
    GET /api/payments/attention
    GET /api/payments/attention/disputes
    GET /api/payments/{id}
    GET /api/bookings/{id}/payments
    POST /api/payments/{id}/refunds
    POST /api/payments/{id}/refunds/{refund}/retry
    POST /api/payments/{id}/settle
    POST /api/payments/{id}/dismiss
    GET POST /api/payments/webhooks/{provider}
    GET /api/events/{id}/payments
    GET /api/events/{id}/payments/report
    GET /api/events/{id}/ledger
    GET /api/events/{id}/ledger/export
    GET /payments/{id}
    GET /api/tickets
    GET /api/tickets/{code}
    GET /api/tickets/{code}/qr.svg
    GET /api/tickets/{code}/qr.png
    GET /api/tickets/{code}/ticket.pdf
    GET /api/tickets/{code}/ticket.ics
    GET /api/events/{id}/event.ics
    POST /api/tickets/{code}/validate
    POST /api/tickets/{code}/reissue
    POST /api/tickets/{code}/transfer
    GET /api/transfers
    GET DELETE /api/transfers/{id}
    POST /api/transfers/{id}/accept
    POST /api/tickets/{code}/checkin
    POST /api/tickets/{code}/checkout
    POST /api/tickets/{code}/checkin/undo
    GET /api/events/{id}/attendees
    GET /api/events/{id}/attendees/export
    GET /api/events/{id}/bookings/export
    GET /api/events/{id}/stats
    GET /api/events/{id}/live
    GET /api/events/{id}/door-list
    GET POST /api/events/{id}/scans
    GET /api/events/{id}/ticket-keys
    GET POST /api/events/{id}/staff
    GET DELETE /api/events/{id}/staff/{user}
    GET POST /api/events/{id}/devices
    GET DELETE /api/events/{id}/devices/{device}
    GET POST /api/reviews
    GET PUT DELETE /api/reviews/{event_id}
    GET /api/reviews/{event_id}/mine
    GET /api/reviews/{event_id}/rating
    POST /api/reviews/{event_id}/{review}/reply
    GET /api/moderation/reviews
    GET /api/moderation/reviews/{id}
    POST /api/moderation/reviews/{id}/approve
    POST /api/moderation/reviews/{id}/reject
    GET POST /api/events/{id}/announcements
    GET /api/events/{id}/announcements/{announcement}
    GET POST /api/notifications
    GET PUT /api/notifications/preferences
    GET POST /api/notifications/unsubscribe
    GET /events/{id}
    GET POST /verify-email
    GET POST /reset-password
    GET /pages.js
    GET POST /api/notifications/push-subscriptions
    DELETE /api/notifications/push-subscriptions/{id}
    GET /api/notifications/stream
    GET /api/notifications/ws
    GET /api/notifications/push-key
    PUT /api/notifications/read
    GET /api/notifications/{id}
    PUT /api/notifications/{id}/read
    GET POST /api/webhooks
    GET PUT DELETE /api/webhooks/{id}
    POST /api/webhooks/{id}/rotate-secret
    POST /api/webhooks/{id}/test
    POST /api/webhooks/{id}/enable
    GET /api/webhooks/{id}/deliveries
    POST /api/webhooks/{id}/deliveries/{delivery}/redeliver
    GET /api/audit
    GET /api/jobs
    POST /api/jobs/purge
    POST /api/jobs/{id}/retry
    GET /healthz
    GET /readyz
    GET /metrics
    GET /openapi.json
    GET /docs
";

fn written() -> BTreeSet<(String, String)> {
    let mut routes = BTreeSet::new();
    for line in ROUTES.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (methods, path) = line.rsplit_once(' ').unwrap();
        routes.extend(methods.split(' ').map(|method| (path.to_owned(), method.to_owned())));
    }
    routes
}

fn operations(document: &Value) -> Vec<(String, String, &Value)> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            found.push((path.clone(), method.to_uppercase(), operation));
        }
    }
    found
}

#[tokio::test]
async fn it_has_every_route_and_no_other() {
    let document = Service::new().await.get("/openapi.json").send().await.ok(200);
    let generated: BTreeSet<_> =
        operations(&document).into_iter().map(|(path, method, _)| (path, method)).collect();
    assert_eq!(generated, written());
    assert_eq!(document["openapi"], "3.1.0");
    let table = include_str!("../../../docs/http-api.md");
    for (path, method) in written() {
        assert!(table.contains(&format!("`{method} {path}`")), "docs/http-api.md lacks `{method} {path}`");
    }
}

#[tokio::test]
async fn every_operation_says_what_can_happen() {
    let document = Service::new().await.get("/openapi.json").send().await.ok(200);
    let mut names = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        let at = format!("{method} {path}");
        assert!(operation["summary"].as_str().is_some_and(|s| !s.is_empty()), "{at}: no summary");
        assert!(names.insert(operation["operationId"].to_string()), "{at}: operationId is not unique");
        let responses = operation["responses"].as_object().unwrap();
        let guarded = operation["security"].as_array().is_some_and(|s| !s.is_empty());
        for (expected, status) in [
            (guarded, "401"),
            (path.contains('{'), "404"),
            (["PUT", "POST"].contains(&method.as_str()), "422"),
            (["PUT", "POST"].contains(&method.as_str()), "413"),
            (true, "503"),
        ] {
            assert!(!expected || responses.contains_key(status), "{at} lacks {status}");
        }
        let known: BTreeSet<&str> = operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|p| p["in"] == "path")
            .map(|p| p["name"].as_str().unwrap())
            .collect();
        let in_path: BTreeSet<&str> =
            path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
        assert_eq!(known, in_path, "{at}");
        for (status, response) in responses {
            if status.starts_with(['4', '5']) {
                let schema = &response["content"]["application/problem+json"]["schema"]["$ref"];
                assert_eq!(schema, "#/components/schemas/Problem", "{at} {status}");
            }
        }
    }
}

#[tokio::test]
async fn every_reference_leads_somewhere_and_values_have_their_formats() {
    let document = Service::new().await.get("/openapi.json").send().await.ok(200);
    let schemas = &document["components"]["schemas"];
    let mut to_see = vec![&document];
    while let Some(value) = to_see.pop() {
        match value {
            Value::Object(members) => {
                if let Some(target) = members.get("$ref").and_then(Value::as_str) {
                    let name = target.strip_prefix("#/components/schemas/").unwrap();
                    assert!(schemas.get(name).is_some(), "{target} leads nowhere");
                }
                to_see.extend(members.values());
            }
            Value::Array(items) => to_see.extend(items),
            _ => {}
        }
    }
    for (name, kind, format) in [
        ("EventId", "string", "uuid"),
        ("UserId", "string", "uuid"),
        ("Timestamp", "string", "date-time"),
        ("Password", "string", "password"),
    ] {
        assert_eq!(
            (&schemas[name]["type"], &schemas[name]["format"]),
            (&kind.into(), &format.into()),
            "{name}"
        );
    }
    for name in ["Currency", "TimeZoneName", "RefreshSecret", "LeadTime", "TimeOfDay"] {
        assert_eq!(schemas[name]["type"], "string", "{name}");
    }
    assert_eq!(document["components"]["securitySchemes"]["bearer"]["scheme"], "bearer");
    let preferences = &schemas["PreferencesView"]["properties"];
    let channels = preferences["event_cancelled"]["propertyNames"].to_string();
    assert!(channels.contains("\"in_app\""), "{preferences}");
    assert!(preferences["quiet_hours"].to_string().contains("TimeOfDay"), "{preferences}");
    let facts = schemas["FactName"]["enum"].to_string();
    assert!(facts.contains("\"ticket.purchased\""), "{facts}");
    assert!(!document.to_string().contains("```"));
    let body = &schemas["CreateEvent"];
    assert_eq!(body["additionalProperties"], false, "{body}");
}

#[tokio::test]
async fn swagger_ui_comes_whole_from_here() {
    let service = Service::new().await;
    for path in ["/docs", "/docs/"] {
        let page = service.get(path).send().await;
        assert_eq!(page.status.as_u16(), 200);
        assert!(page.header("content-type").unwrap().starts_with("text/html"));
        let html = page.text();
        for outside in ["http://", "https://", "src=\"//", "href=\"//"] {
            assert!(!html.contains(outside), "{path} loads from elsewhere: {html}");
        }
        assert!(!html.contains("<script>"), "the policy allows no inline script");
        assert_eq!(html.contains("<base href=\"docs/\">"), path == "/docs");
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"), "{policy}");
    }
    for file in ["swagger-ui.css", "swagger-ui-bundle.js", "swagger-initializer.js", "favicon-32x32.png"] {
        let asset = service.get(&format!("/docs/{file}")).send().await;
        assert_eq!(asset.status.as_u16(), 200, "{file}");
    }
    let start = service.get("/docs/swagger-initializer.js").send().await.text();
    assert!(start.contains("/openapi.json") && !start.contains("petstore"), "{start}");
    service.get("/docs/nothing.js").send().await.refused(404, "not_found");
}
