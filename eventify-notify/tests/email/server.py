"""A mail server that keeps what it gets, and refuses or dies where the recipient's name says so.

Arguments: a directory; then options. Says `port <number>` once it listens and `mail <number>` for each mail; ends when its
input does.
"""

import argparse
import asyncio
import json
import logging
import pathlib
import ssl
import sys
import warnings

from aiosmtpd.smtp import SMTP, AuthResult

# Failed handshakes and the like are what some tests are about.
logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")

parser = argparse.ArgumentParser()
parser.add_argument("directory", type=pathlib.Path)
parser.add_argument("--port", type=int, default=0)
parser.add_argument("--tls", choices=["none", "starttls", "wrapper"], default="none")
parser.add_argument("--login", help="user:password")
parser.add_argument("--no-utf8", action="store_true")
parser.add_argument("--connections-max", type=int, help="what comes beyond these at a time is told 421")
options = parser.parse_args()


def say(line):
    print(line, flush=True)


class Box:
    """Where mail ends up. A name before the @ says how its mail fares."""

    def __init__(self):
        self.mails = len(list(options.directory.glob("*.eml")))
        self.seen = set()

    async def handle_RCPT(self, server, session, envelope, address, _):
        refusals = {
            "gone": f"550 5.1.1 <{address}>: no such user",
            "full": "452 4.2.2 the mailbox is full",
            "denied": "554 5.7.1 relaying denied",
        }
        refusal = refusals.get(address.split("@")[0])
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        name = envelope.rcpt_tos[0].split("@")[0]
        if name == "slow":
            await asyncio.sleep(3600)
        if name == "spam":
            return "550 5.7.1 this looks like spam"
        if name == "large":
            return "552 5.3.4 too large"
        self.keep(session, envelope)
        if name == "lost" and name not in self.seen:
            self.seen.add(name)
            server.transport.abort()
        return "250 OK"

    def keep(self, session, envelope):
        self.mails += 1
        about = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "options": envelope.mail_options,
            "tls": session.ssl is not None or options.tls == "wrapper",
            "user": session.auth_data,
            "peer": session.peer[1],
        }
        (options.directory / f"{self.mails}.json").write_text(json.dumps(about))
        (options.directory / f"{self.mails}.eml").write_bytes(envelope.original_content)
        say(f"mail {self.mails}")


def authenticate(server, session, envelope, mechanism, data):
    user, password = data.login.decode(), data.password.decode()
    if f"{user}:{password}" == options.login:
        return AuthResult(success=True, auth_data=user)
    return AuthResult(success=False, handled=False)


class Counted(SMTP):
    """Knows how many others there are."""

    now = set()

    def connection_made(self, transport):
        self.now.add(self)
        super().connection_made(transport)

    def connection_lost(self, error):
        self.now.discard(self)
        super().connection_lost(error)


class Full(asyncio.Protocol):
    """Says that there is no room, and hangs up."""

    def connection_made(self, transport):
        transport.write(b"421 4.7.0 too many connections\r\n")
        transport.close()


async def main():
    context = None
    if options.tls != "none":
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(options.directory / "cert.pem", options.directory / "key.pem")
    box = Box()
    wrapped = context if options.tls == "wrapper" else None

    def connection():
        if options.connections_max is not None and len(Counted.now) >= options.connections_max:
            return Full()
        return Counted(
            box,
            hostname="mail.test",
            enable_SMTPUTF8=not options.no_utf8,
            tls_context=context if options.tls == "starttls" else None,
            require_starttls=options.tls == "starttls",
            auth_required=options.login is not None,
            auth_require_tls=options.tls == "starttls",
            authenticator=authenticate,
        )

    server = await asyncio.get_running_loop().create_server(connection, "127.0.0.1", options.port, ssl=wrapped)
    say(f"port {server.sockets[0].getsockname()[1]}")
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
