# Written by eventify-python-codegen from eventify-core; do not edit.
from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from .._eventify import Actor
from .._types import ApiKeyId, ApiKeyView, CreatedApiKey, Enrolment, Language, Password, PublicProfile, RecoveryCodes, RefreshSecret, Role, Scope, SecondFactorView, SessionId, SessionView, Tokens, UserId, UserView, UserWithTokens
from .._values import lines as _lines, loads as _loads, request as _request, text as _text, value as _value, versioned as _versioned
from .._wire import account as _account
from .._engine import Engine
from .._pages import Feed, Pages


class Accounts:
    """Accounts: register, login, profile, roles."""

    __slots__ = ("_call", "_engine")

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._call = engine.call

    def create_api_key(
        self,
        actor: Actor,
        *,
        name: str,
        scopes: Collection[Scope],
        current_password: Password,
        expires_at: datetime | None = None,
        code: str | None = None,
        recovery_code: str | None = None,
    ) -> CreatedApiKey:
        """Makes a key that acts for the caller within its scopes, whatever happens to their sessions:
        until it is revoked, the password is reset by mail, or the person gets another role.

        Args:
            name: What to call it; 1 to 100 characters.
            scopes: What it may be used for; at least one, and none that the person may not do.
            expires_at: From when on it is refused: at most 366 days from now. 90 days if absent.
            current_password: The account's password: a key outlives the session that it is made in.
            code: What the authenticator app shows, if the account has a second factor.
            recovery_code: Instead of it, a recovery code.

        Raises:
            EventifyError: `not_authenticated`, `user_not_found`, `invalid_value` (name, scopes,
                expires_at), `invalid_credentials`, `second_factor_required`, `invalid_code`,
                `too_many_attempts`, `not_allowed` for a scope above the caller's role,
                `too_many_api_keys` beyond 20 that have not expired.
        """
        return _account.created_api_key(_loads(self._call(0, actor, None, _request({
            "name": name,
            "scopes": scopes,
            "expires_at": expires_at,
            "current_password": current_password,
            "code": code,
            "recovery_code": recovery_code,
        }))))

    def api_keys(
        self,
        actor: Actor,
        *,
        page_size: int | None = None,
        cursor: str | None = None,
    ) -> Pages[ApiKeyView]:
        """The caller's keys, oldest first, without the keys themselves.

        Args:
            page_size: How many entries are fetched at a time: 1 to 100, 20 when ``None``.
            cursor: The ``next_cursor`` of a page, to go on behind it.

        Raises:
            EventifyError: `not_authenticated`, `invalid_value` (limit), `malformed` (cursor).
        """
        return Pages(self._engine, 1, actor, "", _account.api_key_view, page_size, cursor)

    def revoke_api_key(self, actor: Actor, id: ApiKeyId) -> None:
        """Revokes one of the caller's keys: it is refused from now on.

        Raises:
            EventifyError: `not_authenticated`, `api_key_not_found`.
        """
        self._call(2, actor, None, _text(id))

    def authenticate(self, access_token: str) -> Actor:
        """Who shows this access token or API key. The role is the person's present one, and a session
        that was ended is refused at once, however long the token would live.

        Raises:
            EventifyError: `invalid_token` (forged, foreign, expired, revoked), `session_revoked`,
                `token_expired` for an API key.
        """
        answer: Actor = self._call(3, None, None, _text(access_token))
        return answer

    def me(self, actor: Actor) -> UserView:
        """The caller's own account.

        Raises:
            EventifyError: `not_authenticated`, `user_not_found`.
        """
        return _versioned(_account.user_view, self._call(4, actor, None, ""))

    def profile(self, actor: Actor, user_id: UserId) -> PublicProfile:
        """Somebody's public profile. The e-mail address is only shown to the person and to admins.

        Raises:
            EventifyError: `user_not_found`.
        """
        return _versioned(_account.public_profile, self._call(5, actor, None, _text(user_id)))

    def change_password(
        self,
        actor: Actor,
        *,
        current_password: Password,
        new_password: Password,
    ) -> UserWithTokens:
        """Changes the caller's password. All of the person's sessions end; the caller gets a new one.

        Args:
            current_password: The password so far.
            new_password: The password from now on; 8 to 128 characters.

        Raises:
            EventifyError: `not_authenticated`, `user_not_found`, `invalid_credentials` when the
                current password is wrong, `weak_password`, `too_many_attempts`.
        """
        return _account.user_with_tokens(_loads(self._call(6, actor, None, _request({
            "current_password": current_password,
            "new_password": new_password,
        }))))

    def become_organizer(self, actor: Actor) -> UserWithTokens:
        """Makes the caller an organizer, by their own word. The caller's other sessions and API keys
        end; this session gets fresh tokens.

        Raises:
            EventifyError: `not_authenticated`, `user_not_found`, `session_revoked`.
        """
        return _account.user_with_tokens(_loads(self._call(7, actor, None, "")))

    def set_role(self, actor: Actor, user_id: UserId, *, role: Role) -> UserWithTokens:
        """Gives a person a role. The person's sessions and API keys end.

        Args:
            role: The role.

        Raises:
            EventifyError: `not_authenticated`, `not_allowed` for anybody but an admin,
                `user_not_found`, `session_revoked`, and `last_admin` when an admin takes the role
                from themselves.
        """
        return _account.user_with_tokens(_loads(self._call(8, actor, None, _lines(_text(user_id), _request({
            "role": role,
        })))))

    def promote(self, actor: Actor, email: str) -> UserView:
        """Makes the account with this address an admin: for the operator's command line.

        Raises:
            EventifyError: `not_allowed` for anybody but the system or an admin, `user_not_found`.
        """
        return _account.user_view(_loads(self._call(9, actor, None, _text(email))))

    def erase_me(
        self,
        actor: Actor,
        *,
        password: Password,
        code: str | None = None,
        recovery_code: str | None = None,
    ) -> None:
        """Ends the caller's account for good. Name, address, password, second factor, API keys and
        choices go at once, sessions with them; words and origins in other records are forgotten by
        a job. Tickets stay good.

        Args:
            password: The account's password.
            code: What the authenticator app shows.
            recovery_code: Instead of it, a recovery code.

        Raises:
            EventifyError: `not_authenticated`, `user_not_found`, `invalid_credentials`,
                `second_factor_required`, `invalid_code`, `too_many_attempts`, `has_open_events`
                (with how many), `last_admin` for an admin.
        """
        self._call(10, actor, None, _request({"password": password, "code": code, "recovery_code": recovery_code}))

    def erase(self, actor: Actor, user_id: UserId) -> None:
        """Ends somebody's account for good, at their wish. For admins.

        Raises:
            EventifyError: `not_authenticated`, `not_allowed`, `user_not_found`, `has_open_events`,
                `last_admin` for one's own.
        """
        self._call(11, actor, None, _text(user_id))

    def archive(self, actor: Actor) -> Feed[str]:
        """Begins an archive of all that is known of the caller: the account, choices, sessions, keys
        (never what opens anything), bookings, tickets, notifications, reviews, places on waitlists
        and staffs, transfers, and what they did. `Accounts.read_archive` gives it piece by piece.

        Raises:
            EventifyError: `not_authenticated`, `user_not_found`.
        """
        return Feed(self._engine, self._call(12, actor, None, ""), str)

    def login(
        self,
        actor: Actor,
        *,
        email: str,
        password: Password,
        code: str | None = None,
        recovery_code: str | None = None,
    ) -> Tokens:
        """Opens a session. The actor says where the request comes from (`Actor.from_origin`).

        Answers the same, in the same time, for an unknown address and for a wrong password. After
        some failures the account and the origin have to wait, longer each time, at most 15 minutes.
        Wrong codes count like wrong passwords, and a code is good once.

        Args:
            email: The e-mail address of the account.
            password: Its password.
            code: What the authenticator app shows, for an account with a second factor.
            recovery_code: Instead of it, a recovery code.

        Raises:
            EventifyError: `invalid_credentials`, `second_factor_required` when the password is
                right and the account wants a code too (ask again with both), `invalid_code`,
                `too_many_attempts` (with when to come back), `invalid_value` for what no account's
                address can be.

        >>> tokens = box.accounts.login(Actor.anonymous(), email="bob@example.org", password="bob secret one")
        >>> box.accounts.authenticate(tokens.access_token).user_id == bob.user_id
        True
        """
        return _account.tokens(_loads(self._call(13, actor, None, _request({
            "email": email,
            "password": password,
            "code": code,
            "recovery_code": recovery_code,
        }))))

    def logout(self, actor: Actor) -> None:
        """Ends the caller's own session: its access and refresh tokens are dead from now on. Doing so
        twice is fine.

        Raises:
            EventifyError: `not_authenticated` without a session.
        """
        self._call(14, actor, None, "")

    def refresh(self, actor: Actor, *, refresh_token: RefreshSecret) -> Tokens:
        """Exchanges a refresh token. Each is good once; using one again revokes the session, except
        that the newest used one gets the same answer again within 10 seconds.

        Args:
            refresh_token: The newest refresh token.

        Raises:
            EventifyError: `invalid_token`, `token_expired`, `session_revoked`.
        """
        return _account.tokens(_loads(self._call(15, actor, None, _request({"refresh_token": refresh_token}))))

    def register(
        self,
        actor: Actor,
        *,
        name: str,
        email: str,
        password: Password,
        language: Language | None = None,
    ) -> UserView:
        """Makes an account. Anybody may; its role is attendee.

        Args:
            name: What to call the person; 1 to 100 characters.
            email: The e-mail address; unique whatever its case.
            password: 8 to 128 characters.
            language: In which language the person is told things; the one that the request prefers,
                or English, if absent.

        Raises:
            EventifyError: `invalid_value` (name, email), `weak_password`, `email_taken`.

        >>> eve = box.accounts.register(Actor.anonymous(), name="Eve", email="eve@example.org", password="eve secret one")
        >>> eve.name, str(eve.role)
        ('Eve', 'attendee')
        """
        return _account.user_view(_loads(self._call(16, actor, None, _request({
            "name": name,
            "email": email,
            "password": password,
            "language": language,
        }))))

    def request_password_reset(self, actor: Actor, *, email: str) -> None:
        """Mails a token that sets a new password to the address, if it is an account's. The answer is
        the same, after the same work, whether anybody has the address: who it is is looked up by a
        job afterwards.

        Args:
            email: The e-mail address of the account.

        Raises:
            EventifyError: `invalid_value` for what no account's address can be, `too_many_attempts`
                after three messages to one mailbox or fifty from one origin (with when to come
                back).
        """
        self._call(17, actor, None, _request({"email": email}))

    def reset_password(self, actor: Actor, *, token: str, new_password: Password) -> None:
        """Sets a new password by the token that was mailed. All of the person's sessions and API keys
        end, and the address counts as proven. Logs nobody in: a second factor is still asked for.

        Args:
            token: The token; good once, for an hour, and until another one is mailed.
            new_password: The password from now on; 8 to 128 characters.

        Raises:
            EventifyError: `weak_password`, `invalid_token`, `token_expired`, `too_many_attempts`.
        """
        self._call(18, actor, None, _request({"token": token, "new_password": new_password}))

    def begin_second_factor(self, actor: Actor, *, password: Password) -> Enrolment:
        """Makes the secret of an authenticator app. Logins ask for codes once a first code confirmed
        it (`Accounts.confirm_second_factor`); beginning again before that makes another secret.

        Args:
            password: The account's password.

        Raises:
            EventifyError: `not_authenticated`, `user_not_found`, `invalid_credentials`,
                `too_many_attempts`, `second_factor_on`.
        """
        return _account.enrolment(_loads(self._call(19, actor, None, _request({"password": password}))))

    def disable_second_factor(
        self,
        actor: Actor,
        *,
        password: Password,
        code: str | None = None,
        recovery_code: str | None = None,
    ) -> None:
        """Turns the second factor off.

        Args:
            password: The account's password.
            code: What the authenticator app shows.
            recovery_code: Instead of it, a recovery code.

        Raises:
            EventifyError: `not_authenticated`, `user_not_found`, `invalid_credentials`,
                `second_factor_off`, `second_factor_required`, `invalid_code`, `too_many_attempts`.
        """
        self._call(20, actor, None, _request({"password": password, "code": code, "recovery_code": recovery_code}))

    def renew_recovery_codes(
        self,
        actor: Actor,
        *,
        password: Password,
        code: str | None = None,
        recovery_code: str | None = None,
    ) -> RecoveryCodes:
        """Makes new recovery codes; the old ones are void.

        Args:
            password: The account's password.
            code: What the authenticator app shows.
            recovery_code: Instead of it, a recovery code.

        Raises:
            EventifyError: As `Accounts.disable_second_factor`.
        """
        return _account.recovery_codes(_loads(self._call(21, actor, None, _request({
            "password": password,
            "code": code,
            "recovery_code": recovery_code,
        }))))

    def remove_second_factor(self, actor: Actor, user_id: UserId) -> None:
        """Takes the second factor from somebody who lost the app and the recovery codes. For admins.

        Raises:
            EventifyError: `not_authenticated`, `not_allowed`, `user_not_found`,
                `second_factor_off`.
        """
        self._call(22, actor, None, _text(user_id))

    def confirm_second_factor(self, actor: Actor, *, code: str) -> RecoveryCodes:
        """Turns the second factor on: the code shows that the app has the secret. Sessions that are
        open stay open.

        Args:
            code: Six digits.

        Raises:
            EventifyError: `not_authenticated`, `user_not_found`, `second_factor_off` when none was
                begun, `second_factor_on`, `invalid_code`, `too_many_attempts`.
        """
        return _account.recovery_codes(_loads(self._call(23, actor, None, _request({"code": code}))))

    def second_factor(self, actor: Actor) -> SecondFactorView:
        """Whether the caller has a second factor.

        Raises:
            EventifyError: `not_authenticated`, `user_not_found`.
        """
        return _account.second_factor_view(_loads(self._call(24, actor, None, "")))

    def sessions(
        self,
        actor: Actor,
        *,
        page_size: int | None = None,
        cursor: str | None = None,
    ) -> Pages[SessionView]:
        """The caller's sessions that are still good, newest first. Those that are over are left out,
        so a page may have fewer than it could.

        Args:
            page_size: How many entries are fetched at a time: 1 to 100, 20 when ``None``.
            cursor: The ``next_cursor`` of a page, to go on behind it.

        Raises:
            EventifyError: `not_authenticated`, `user_not_found`, `invalid_value` (limit),
                `malformed` (cursor).
        """
        return Pages(self._engine, 25, actor, "", _account.session_view, page_size, cursor)

    def end_session(self, actor: Actor, session_id: SessionId) -> None:
        """Ends one of the caller's sessions: its tokens are dead from now on.

        Raises:
            EventifyError: `not_authenticated`, `session_not_found` for somebody else's and for one
                that is over.
        """
        self._call(26, actor, None, _text(session_id))

    def end_other_sessions(self, actor: Actor) -> None:
        """Ends all of the caller's sessions but the one that asks.

        Raises:
            EventifyError: `not_authenticated`, `user_not_found`, `session_revoked` when the
                caller's own is over.
        """
        self._call(27, actor, None, "")

    def update_me(
        self,
        actor: Actor,
        *,
        name: str | None = None,
        email: str | None = None,
        current_password: Password | None = None,
        code: str | None = None,
        recovery_code: str | None = None,
        if_match: int | None = None,
    ) -> UserView:
        """Changes the caller's own profile. A new address is not proven yet: a token is mailed to it.
        The old one is told.

        Args:
            name: What to call the person; 1 to 100 characters.
            email: The e-mail address.
            current_password: The account's password, for another address.
            code: What the authenticator app shows, for another address.
            recovery_code: Instead of it, a recovery code.
            if_match: The ``version`` that was seen: changed in between, it is refused
                (``precondition_failed``).

        Raises:
            EventifyError: `not_authenticated`, `invalid_value`, `email_taken`,
                `precondition_failed`, `too_many_attempts` when too many messages went to the new
                address; for another address also `password_required`, `invalid_credentials`,
                `second_factor_required`, `invalid_code`, and `too_many_attempts` after wrong ones.
        """
        return _versioned(_account.user_view, self._call(28, actor, None, _lines(_request({
            "name": name,
            "email": email,
            "current_password": current_password,
            "code": code,
            "recovery_code": recovery_code,
        }), _value(if_match))))

    def request_verification(self, actor: Actor) -> None:
        """Mails the caller a token that proves their address; nothing when it is proven already.
        Registering and changing the address do so by themselves.

        Raises:
            EventifyError: `not_authenticated`, `user_not_found`, `too_many_attempts` after three
                messages (with when to come back).
        """
        self._call(29, actor, None, "")

    def verify_email(self, actor: Actor, *, token: str) -> None:
        """Proves an address by the token that was mailed to it. Whoever has the token may: it says
        whose it is.

        Args:
            token: The token; good once, for 24 hours, and until another one is mailed.

        Raises:
            EventifyError: `invalid_token`, `token_expired`, `too_many_attempts`.
        """
        self._call(30, actor, None, _request({"token": token}))
