# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from typing import Any

from .._types.account import ApiKeyView, CreatedApiKey, Enrolment, PublicProfile, RecoveryCodes, SecondFactorView, SessionView, Tokens, UserView, UserWithTokens
from .._values import blank, instant
from . import actor as _actor
from . import scope as _scope

_ApiKeyView = blank(ApiKeyView)
_CreatedApiKey = blank(CreatedApiKey)
_Enrolment = blank(Enrolment)
_PublicProfile = blank(PublicProfile)
_RecoveryCodes = blank(RecoveryCodes)
_SecondFactorView = blank(SecondFactorView)
_SessionView = blank(SessionView)
_Tokens = blank(Tokens)
_UserView = blank(UserView)
_UserWithTokens = blank(UserWithTokens)


def api_key_view(v: Any) -> ApiKeyView:
    o = _ApiKeyView()
    o.id, o.name, scopes_, created_at_, expires_at_, used_at_ = v
    o.scopes = frozenset([_scope.scope[x0] for x0 in scopes_])
    o.created_at = instant(created_at_)
    o.expires_at = instant(expires_at_)
    o.used_at = None if used_at_ is None else instant(used_at_)
    o.__class__ = ApiKeyView
    made: ApiKeyView = o
    return made


def created_api_key(v: Any) -> CreatedApiKey:
    o = _CreatedApiKey()
    o.key = v["key"]
    o.api_key = api_key_view([v["id"], v["name"], v["scopes"], v["created_at"], v["expires_at"], v["used_at"]])
    o.__class__ = CreatedApiKey
    made: CreatedApiKey = o
    return made


def enrolment(v: Any) -> Enrolment:
    o = _Enrolment()
    o.secret, o.uri = v
    o.__class__ = Enrolment
    made: Enrolment = o
    return made


def public_profile(v: Any, version: int | None = None) -> PublicProfile:
    o = _PublicProfile()
    o.id, o.name, o.email, role_, created_at_ = v
    o.role = _actor.role[role_]
    o.created_at = instant(created_at_)
    o.version = version
    o.__class__ = PublicProfile
    made: PublicProfile = o
    return made


def recovery_codes(v: Any) -> RecoveryCodes:
    o = _RecoveryCodes()
    recovery_codes_, = v
    o.recovery_codes = tuple(recovery_codes_)
    o.__class__ = RecoveryCodes
    made: RecoveryCodes = o
    return made


def second_factor_view(v: Any) -> SecondFactorView:
    o = _SecondFactorView()
    o.enabled, since_, o.recovery_codes_left = v
    o.since = None if since_ is None else instant(since_)
    o.__class__ = SecondFactorView
    made: SecondFactorView = o
    return made


def session_view(v: Any) -> SessionView:
    o = _SessionView()
    o.id, o.origin, created_at_, used_at_, ends_at_, o.current = v
    o.created_at = instant(created_at_)
    o.used_at = instant(used_at_)
    o.ends_at = instant(ends_at_)
    o.__class__ = SessionView
    made: SessionView = o
    return made


def tokens(v: Any) -> Tokens:
    o = _Tokens()
    o.access_token, o.refresh_token, o.token_type, o.expires_in = v
    o.__class__ = Tokens
    made: Tokens = o
    return made


def user_view(v: Any, version: int | None = None) -> UserView:
    o = _UserView()
    o.id, o.name, o.email, o.email_verified, role_, created_at_ = v
    o.role = _actor.role[role_]
    o.created_at = instant(created_at_)
    o.version = version
    o.__class__ = UserView
    made: UserView = o
    return made


def user_with_tokens(v: Any) -> UserWithTokens:
    o = _UserWithTokens()
    o.user = user_view(v["user"])
    o.tokens = tokens([v["access_token"], v["refresh_token"], v["token_type"], v["expires_in"]]) if "access_token" in v else None
    o.__class__ = UserWithTokens
    made: UserWithTokens = o
    return made
