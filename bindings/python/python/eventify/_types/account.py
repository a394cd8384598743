# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from typing import TypeAlias
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiKeyView:
    """A key as its person sees it: everything but the key itself.

    Attributes:
        id: Its id.
        name: What its person calls it.
        scopes: What it may be used for.
        created_at: When it was made.
        expires_at: From when on it is refused.
        used_at: When it was used last, to the hour.
    """

    id: ApiKeyId
    name: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class CreatedApiKey:
    """A new key. The key itself is shown here and never again.

    Attributes:
        key: The key: `evk_` and 86 characters.
        api_key: What is known of it from now on.
    """

    key: str = field(repr=False)
    api_key: ApiKeyView


@dataclass(frozen=True, kw_only=True, slots=True)
class Enrolment:
    """What goes into the authenticator app. Shown once.

    Attributes:
        secret: The secret in base 32, for typing.
        uri: The same with all that belongs to it as an `otpauth:` URI, for a QR code.
    """

    secret: str = field(repr=False)
    uri: str = field(repr=False)


Password: TypeAlias = str
"""A password on its way in. Shows nothing of itself."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PublicProfile:
    """An account as everybody sees it.

    Attributes:
        id: Its id.
        name: What to call the person.
        email: The e-mail address: only for the person and for admins.
        role: What the person may do.
        created_at: When the account was made.
        version: Changes whenever the rest does: give it as ``if_match``. ``None`` where it was not
            read alone.
    """

    id: UserId
    name: str
    email: str | None
    role: Role
    created_at: datetime
    version: int | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class RecoveryCodes:
    """Codes for the day when the app is lost, each good once. Shown once.

    Attributes:
        recovery_codes: Ten codes; those before them are void.
    """

    recovery_codes: tuple[str, ...] = field(repr=False)


RefreshSecret: TypeAlias = str
"""A refresh token as the client keeps it: opaque. Shows nothing of itself."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SecondFactorView:
    """What a person sees of their second factor.

    Attributes:
        enabled: Whether logins ask for it.
        since: Since when.
        recovery_codes_left: Recovery codes that are not used yet.
    """

    enabled: bool
    since: datetime | None
    recovery_codes_left: int


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionView:
    """A login that is still good.

    Attributes:
        id: Its id.
        origin: Where the login came from, if known.
        created_at: When the person logged in.
        used_at: When it was last refreshed: at the latest so long ago as an access token lives.
        ends_at: When it ends at the latest.
        current: Whether it is the one that asks.
    """

    id: SessionId
    origin: str | None
    created_at: datetime
    used_at: datetime
    ends_at: datetime
    current: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Tokens:
    """What a client needs to act for a person.

    Attributes:
        access_token: Shown with every request; good for `expires_in` seconds.
        refresh_token: Exchanged once for the next pair.
        token_type: Always `Bearer`.
        expires_in: Seconds until the access token ends.
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    token_type: str = field(repr=False)
    expires_in: int


@dataclass(frozen=True, kw_only=True, slots=True)
class UserView:
    """An account as its owner and admins see it.

    Attributes:
        id: Its id.
        name: What to call the person.
        email: The e-mail address.
        email_verified: Whether it was proven that mail to the address reaches the person.
        role: What the person may do.
        created_at: When the account was made.
        version: Changes whenever the rest does: give it as ``if_match``. ``None`` where it was not
            read alone.
    """

    id: UserId
    name: str
    email: str
    email_verified: bool
    role: Role
    created_at: datetime
    version: int | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class UserWithTokens:
    """An account with fresh tokens for the caller's own session.

    Attributes:
        user: The account.
        tokens: The tokens; absent when the caller has no session (an embedder's own actor).
    """

    user: UserView
    tokens: Tokens | None


# Types of different nouns name each other.
from .actor import Role  # noqa: E402
from .id import ApiKeyId, SessionId, UserId  # noqa: E402
from .scope import Scope  # noqa: E402
