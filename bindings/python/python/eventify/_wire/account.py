# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from typing import Any

from .._types.account import ApiKeyView, CreatedApiKey, Enrolment, PublicProfile, RecoveryCodes, SecondFactorView, SessionView, Tokens, UserView, UserWithTokens
from .._types.actor import Role
from .._types.scope import Scope
from .._values import instant


def api_key_view(v: Any) -> ApiKeyView:
    return ApiKeyView(
        id=v["id"],
        name=v["name"],
        scopes=frozenset([Scope(x0) for x0 in v["scopes"]]),
        created_at=instant(v["created_at"]),
        expires_at=instant(v["expires_at"]),
        used_at=None if v["used_at"] is None else instant(v["used_at"]),
    )


def created_api_key(v: Any) -> CreatedApiKey:
    return CreatedApiKey(
        key=v["key"],
        api_key=api_key_view(v),
    )


def enrolment(v: Any) -> Enrolment:
    return Enrolment(
        secret=v["secret"],
        uri=v["uri"],
    )


def public_profile(v: Any, version: int | None = None) -> PublicProfile:
    return PublicProfile(
        id=v["id"],
        name=v["name"],
        email=v.get("email"),
        role=Role(v["role"]),
        created_at=instant(v["created_at"]),
        version=version,
    )


def recovery_codes(v: Any) -> RecoveryCodes:
    return RecoveryCodes(
        recovery_codes=tuple(v["recovery_codes"]),
    )


def second_factor_view(v: Any) -> SecondFactorView:
    return SecondFactorView(
        enabled=v["enabled"],
        since=None if v["since"] is None else instant(v["since"]),
        recovery_codes_left=v["recovery_codes_left"],
    )


def session_view(v: Any) -> SessionView:
    return SessionView(
        id=v["id"],
        origin=v["origin"],
        created_at=instant(v["created_at"]),
        used_at=instant(v["used_at"]),
        ends_at=instant(v["ends_at"]),
        current=v["current"],
    )


def tokens(v: Any) -> Tokens:
    return Tokens(
        access_token=v["access_token"],
        refresh_token=v["refresh_token"],
        token_type=v["token_type"],
        expires_in=v["expires_in"],
    )


def user_view(v: Any, version: int | None = None) -> UserView:
    return UserView(
        id=v["id"],
        name=v["name"],
        email=v["email"],
        email_verified=v["email_verified"],
        role=Role(v["role"]),
        created_at=instant(v["created_at"]),
        version=version,
    )


def user_with_tokens(v: Any) -> UserWithTokens:
    return UserWithTokens(
        user=user_view(v["user"]),
        tokens=tokens(v) if "access_token" in v else None,
    )
