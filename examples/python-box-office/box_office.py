"""A box office in a notebook's manner: sells tickets in one file, and draws the sale over time.

Run it with `python box_office.py`, or cell by cell (`# %%`) in an editor that knows them.
"""

# %% An event, in a file beside this program (or in the directory that is named)
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import matplotlib

matplotlib.use("Agg")  # draws into a file, on machines without a screen too
import matplotlib.pyplot as plt

import eventify
from eventify import Actor, EventifyError, LineRequest, Money, Role

place = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
box = eventify.open(f"redb:{place / 'box-office.redb'}", settings=eventify.Settings(payments=eventify.PaymentPolicy.OFF))


def account(name: str, role: Role) -> Actor:
    """Somebody with an account, registered when they come for the first time."""
    email = f"{name.lower()}@example.org"
    try:
        user = box.accounts.register(Actor.anonymous(), name=name, email=email, password=f"{name} likes fado")
        return Actor.user(user.id, role)
    except EventifyError as error:
        if error.code != "email_taken":
            raise
        tokens = box.accounts.login(Actor.anonymous(), email=email, password=f"{name} likes fado")
        return Actor.user(box.accounts.authenticate(tokens.access_token).user_id or "", role)


ada = account("Ada", Role.ORGANIZER)
start = datetime.now(UTC) + timedelta(days=30)
event = box.events.create(ada, title="Fado under the stars", starts_at=start, ends_at=start + timedelta(hours=3))
stalls = box.ticket_types.create(ada, event.id, name="Stalls", quantity=60, price=Money(900_000, "KZT"))
balcony = box.ticket_types.create(ada, event.id, name="Balcony", quantity=25, price=Money(500_000, "KZT"))
box.events.publish(ada, event.id)

# %% A crowd comes: each wants one to four tickets, and the balcony is liked best
sold: list[tuple[datetime, str, int]] = []
refused = 0
for number in range(40):
    buyer = account(f"Guest{number}", Role.ATTENDEE)
    wanted = balcony if number % 3 else stalls
    quantity = 1 + number % 4
    lines = [LineRequest(ticket_type_id=wanted.id, quantity=quantity)]
    try:
        bought = box.bookings.buy(buyer, event_id=event.id, lines=lines, idempotency_key=f"{event.id}-{number}")
        sold.append((bought.booking.created_at, wanted.name, quantity))
    except eventify.RuleError as error:
        refused += 1
        print(f"Guest{number}: {error.message}")

# %% What came of it
stats = box.stats.of_event(ada, event.id, bucket=eventify.Bucket.DAY)
print(f"{stats.sold} tickets sold, {stats.available} left, {refused} guests refused")
rows = box.tickets.attendees(ada, event.id, page_size=100).to_dicts()
print(f"{len(rows)} rows for pandas, with {', '.join(list(rows[0])[:4])} …")

# %% The sale over time
figure, axes = plt.subplots(figsize=(8, 4))
for name, most in ((stalls.name, stalls.quantity), (balcony.name, balcony.quantity)):
    times = [at for at, of, _ in sold if of == name]
    counts = [quantity for _, of, quantity in sold if of == name]
    axes.step(times, [sum(counts[: nth + 1]) for nth in range(len(counts))], where="post", label=f"{name} (of {most})")
axes.set_title(event.title)
axes.set_ylabel("tickets sold")
axes.legend()
figure.autofmt_xdate()
figure.savefig(place / "sales.png", dpi=120)
print(f"the picture is {place / 'sales.png'}")

box.close()
