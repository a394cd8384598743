//! The contract in OpenAPI 3.1: what the handlers say of themselves, and what is true of all of them.

use serde_json::json;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, InfoBuilder, LicenseBuilder, OpenApi, Ref, RefOr, Required, Response,
    ResponseBuilder, ServerBuilder,
};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use crate::config::Config;
use crate::error::ProblemBody;

/// Makes a repeated request happen once.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code, reason = "describes a header")]
pub(crate) struct IdempotencyKeyHeader {
    /// 1 to 255 bytes. The same key with the same request gets the first answer again, with
    /// `Idempotency-Replayed: true`; with another request 422 `idempotency_key_reused`.
    #[param(rename = "Idempotency-Key")]
    idempotency_key: Option<String>,
}

/// The version that the change is meant for.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code, reason = "describes a header")]
pub(crate) struct IfMatchHeader {
    /// The `ETag` that was read: 412 `precondition_failed` when it changed since.
    #[param(rename = "If-Match")]
    if_match: Option<String>,
}

/// The version that the client has.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code, reason = "describes a header")]
pub(crate) struct IfNoneMatchHeader {
    /// The `ETag` that was read: 304 when nothing changed since.
    #[param(rename = "If-None-Match")]
    if_none_match: Option<String>,
}

const DESCRIPTION: &str = "\
Events, tickets, bookings and the door.

- Instants are UTC in RFC 3339; money is minor units and an ISO 4217 code; ids are UUIDs. Enums are open: tolerate \
values that are new to you. Unknown request fields and query parameters are refused.
- Refusals are `application/problem+json` (RFC 9457) with a stable `reason`.
- Lists are pages: `?limit=20&cursor=…` gives `data` and `next_cursor`, `null` on the last one.
- Every answer carries `X-Request-Id`.";

/// Completes what the handlers' own descriptions leave out.
pub(crate) fn complete(mut document: OpenApi, config: &Config) -> OpenApi {
    let license = LicenseBuilder::new().name("MIT").identifier(Some("MIT")).build();
    document.info = InfoBuilder::new()
        .title("Eventify")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(DESCRIPTION))
        .license(Some(license))
        .build();
    let root = if config.base_path.is_empty() { "/" } else { &config.base_path };
    document.servers = Some(vec![ServerBuilder::new().url(root).build()]);
    document.components = Some(components(document.components.take().unwrap_or_default()));
    for (path, item) in &mut document.paths.paths {
        let operations = [
            (false, &mut item.get),
            (true, &mut item.put),
            (true, &mut item.post),
            (false, &mut item.delete),
        ];
        for (takes_body, operation) in operations {
            if let Some(operation) = operation {
                complete_operation(path, takes_body, operation);
            }
        }
    }
    document
}

fn components(known: utoipa::openapi::Components) -> utoipa::openapi::Components {
    let mut more = Vec::new();
    ProblemBody::schemas(&mut more);
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some("The `access_token` of `POST /api/auth/login`, or a device's key."))
        .build();
    let mut components = ComponentsBuilder::from(known)
        .schema("Problem", ProblemBody::schema())
        .schemas_from_iter(more)
        .security_scheme("bearer", SecurityScheme::Http(bearer))
        .build();
    for schema in components.schemas.values_mut() {
        if let RefOr::T(Schema::Object(object)) = schema {
            object.description = object.description.take().map(|text| without_code(&text));
        }
    }
    components
}

/// Examples in Rust are for who embeds the core, not for who calls the service.
fn without_code(text: &str) -> String {
    let plain = text.split("```").step_by(2).collect::<Vec<_>>().join("");
    plain.trim().to_owned()
}

fn complete_operation(path: &str, takes_body: bool, operation: &mut Operation) {
    // Handlers are named within their noun; here names have to be unique.
    let tag = operation.tags.iter().flatten().next().map_or_else(String::new, |tag| tag.replace(' ', "_"));
    if let Some(name) = operation.operation_id.take() {
        operation.operation_id = Some(format!("{tag}_{name}"));
    }
    add_path_parameters(path, operation);
    for (status, description) in possible(path, takes_body, operation) {
        operation
            .responses
            .responses
            .entry(status.to_owned())
            .or_insert_with(|| RefOr::T(ResponseBuilder::new().description(description).build()));
    }
    describe_problems(operation);
}

/// What can happen to every operation of its kind.
fn possible(path: &str, takes_body: bool, operation: &Operation) -> Vec<(&'static str, &'static str)> {
    let asked: Vec<(&str, bool)> = operation
        .parameters
        .iter()
        .flatten()
        .filter_map(|parameter| match parameter {
            RefOr::T(p) => Some((p.name.as_str(), p.parameter_in == ParameterIn::Query)),
            RefOr::Ref(_) => None,
        })
        .collect();
    let has = |name: &str| asked.iter().any(|(known, _)| *known == name);
    let mut also = vec![
        ("500", "A fault of the service"),
        ("503", "Overloaded, or the store is not available; see `Retry-After`"),
    ];
    if operation.security.as_ref().is_some_and(|security| !security.is_empty()) {
        also.push((
            "401",
            "`not_authenticated`, `invalid_token`, `token_expired`, `session_revoked`, `device_revoked`",
        ));
    }
    if takes_body {
        also.push(("400", "`malformed`: not JSON"));
        also.push(("408", "The body took too long to arrive"));
        also.push(("413", "The body is too large"));
        also.push(("415", "The body is not `application/json`"));
        also.push(("422", "`invalid_value`; `errors` names the fields"));
    }
    if asked.iter().any(|(_, query)| *query) {
        also.push(("400", "`malformed`: the cursor is not one of this list"));
        also.push(("422", "`invalid_value`; `errors` names the parameters"));
    }
    if path.contains('{') {
        also.push(("400", "`malformed`: the path is not UTF-8"));
        also.push(("404", "There is no such thing, or none that the caller may know of"));
    }
    if has("If-Match") {
        also.push(("412", "`precondition_failed`: it changed since"));
    }
    if has("If-None-Match") {
        also.push(("304", "Nothing changed since"));
    }
    also
}

/// Every refusal has the same shape.
fn describe_problems(operation: &mut Operation) {
    for (status, response) in &mut operation.responses.responses {
        let refusal = status.starts_with(['4', '5']);
        if let RefOr::T(Response { content, .. }) = response
            && refusal
        {
            let schema = Ref::from_schema_name("Problem");
            let body = ContentBuilder::new().schema(Some(schema)).example(Some(example(status))).build();
            content.insert("application/problem+json".to_owned(), RefOr::T(body));
        }
    }
}

fn example(status: &str) -> serde_json::Value {
    let (reason, title, detail) = match status {
        "400" => (
            "malformed",
            "Malformed",
            "The body is not JSON: EOF while parsing an object at line 1 column 9.",
        ),
        "401" => ("invalid_token", "Invalid token", "The access token is not valid."),
        "403" => ("not_allowed", "Not allowed", "Only an organizer may do this: become one first."),
        "404" => ("not_found", "Not found", "There is nothing at this path."),
        "408" => ("request_timeout", "Request timeout", "The body took too long to arrive."),
        "409" => ("sold_out", "Sold out", "Nothing is left."),
        "412" => {
            ("precondition_failed", "Precondition failed", "It was changed since you read it; read it again.")
        }
        "413" => ("payload_too_large", "Payload too large", "The body may have at most 2097152 bytes."),
        "415" => ("unsupported_media_type", "Unsupported media type", "Send the body as application/json."),
        "422" => ("invalid_value", "Invalid value", "title must be at most 200 characters long"),
        "429" => ("too_many_attempts", "Too many attempts", "Too many failed logins; wait a little."),
        "503" => {
            ("overloaded", "Overloaded", "Too many requests wait for the same thing; try again in a moment.")
        }
        _ => ("internal", "Internal", "Something went wrong on our side; it was written down."),
    };
    let code: u16 = status.parse().unwrap_or(500);
    let mut body = json!({
        "type": format!("urn:eventify:problem:{reason}"), "title": title, "status": code, "detail": detail,
        "request_id": "01920000-0000-7000-8000-000000000000", "reason": reason, "error": detail, "code": code,
    });
    if status == "422"
        && let Some(members) = body.as_object_mut()
    {
        let errors = json!([{"field": "title", "message": "must be at most 200 characters long"}]);
        members.insert("errors".to_owned(), errors);
    }
    body
}

/// Ids in paths are UUIDs; a ticket's code is the signed or the short one, and sections have numbers.
fn add_path_parameters(path: &str, operation: &mut Operation) {
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    for name in names {
        let text = ObjectBuilder::new().schema_type(Type::String);
        let schema = if name == "code" {
            text
        } else if name == "section" {
            ObjectBuilder::new().schema_type(Type::Integer)
        } else {
            text.format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)))
        };
        let parameter = ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .schema(Some(schema.build()))
            .build();
        operation.parameters.get_or_insert_default().push(RefOr::T(parameter));
    }
}
