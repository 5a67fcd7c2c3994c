"""Let the database itself refuse what must never happen: states that go back, sizes that shrink, rows that go away.

The same conditions become triggers on SQLite and on PostgreSQL. A message begins with "impossible:", the rest is the
sentence the ledger passes on.
"""
from __future__ import annotations

from collections.abc import Mapping

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEPT = (
    "orders", "fills", "positions", "protections", "proposals", "decisions", "bills", "equity_marks", "wallets",
    "journal", "bookmarks", "inbox", "messages", "people", "trading_states", "mandates", "limits", "presets",
    "named_values", "leases",
)
# Written once and for all.
FIXED = ("decisions", "bills", "equity_marks", "journal", "limits")

ORDER_STATES = {
    "NEW": ("SUBMITTING", "NOT_PLACED"),
    "SUBMITTING": ("IN_DOUBT", "OPEN", "PARTLY_FILLED", "FILLED", "CANCELED", "REJECTED", "NOT_PLACED"),
    "IN_DOUBT": ("OPEN", "PARTLY_FILLED", "FILLED", "CANCELED", "REJECTED", "NOT_PLACED"),
    "OPEN": ("PARTLY_FILLED", "FILLED", "CANCELED"),
    "PARTLY_FILLED": ("FILLED", "CANCELED"),
    "CANCELED": ("FILLED",),
    "FILLED": (),
    # We were wrong: evidence that the order exists is stronger than our conclusion (reliability section 2).
    "REJECTED": ("OPEN", "PARTLY_FILLED", "FILLED", "CANCELED"),
    "NOT_PLACED": ("OPEN", "PARTLY_FILLED", "FILLED", "CANCELED"),
}
PROPOSAL_STATES = {
    "AWAITING": ("CLAIMED", "APPROVED", "REFUSED", "REJECTED", "EXPIRED", "SUPERSEDED", "WITHDRAWN"),
    # A requote goes back on the table (advisor section 10).
    "CLAIMED": ("AWAITING", "APPROVED", "REFUSED", "EXPIRED", "WITHDRAWN"),
    "APPROVED": ("ORDERED", "REFUSED", "EXPIRED"),
    "ORDERED": (),
    "REFUSED": (),
    "REJECTED": (),
    "EXPIRED": (),
    "SUPERSEDED": (),
    "WITHDRAWN": (),
}
UPDATE_STATES: Mapping[str, tuple[str, ...]] = {"PENDING": ("DONE",), "DONE": ()}
MESSAGE_STATES: Mapping[str, tuple[str, ...]] = {
    "NEW": ("SENDING", "DEAD"),
    "SENDING": ("NEW", "SENT", "DEAD"),
    "SENT": (),
    "DEAD": (),
}


def upgrade() -> None:
    """Create the triggers."""
    if _postgres():
        op.execute(
            "CREATE FUNCTION wiredesk_refuse() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'impossible: %', TG_ARGV[0]; END $$"
        )
    for table, name, event, when, message in guards():
        op.execute(_trigger(table, name, event, when, message))
    if _postgres():
        for table in KEPT:
            op.execute(
                f"CREATE TRIGGER guard_{table}_truncate BEFORE TRUNCATE ON {table}"
                f" EXECUTE FUNCTION wiredesk_refuse('Nothing is ever deleted from {table}.')"
            )


def downgrade() -> None:
    """Remove the triggers."""
    for table, name, _, _, _ in guards():
        op.execute(f"DROP TRIGGER guard_{table}_{name}" + (f" ON {table}" if _postgres() else ""))
    if _postgres():
        for table in KEPT:
            op.execute(f"DROP TRIGGER guard_{table}_truncate ON {table}")
        op.execute("DROP FUNCTION wiredesk_refuse()")


def guards() -> list[tuple[str, str, str, str, str]]:
    """List table, name, event, condition and sentence of every trigger."""
    found = [(table, "delete", "DELETE", "", f"Nothing is ever deleted from {table}.") for table in KEPT]
    found += [(table, "update", "UPDATE", "", f"A row of {table} is written once.") for table in FIXED]
    for table, states in (
        ("orders", ORDER_STATES), ("proposals", PROPOSAL_STATES), ("inbox", UPDATE_STATES), ("messages", MESSAGE_STATES)
    ):
        found.append((table, "state", "UPDATE", _backward(states), f"A state of {table} only moves forward."))
    for table in ("orders", "proposals", "protections", "mandates"):
        found.append((table, "version", "UPDATE", "NEW.version <= OLD.version", f"A version of {table} only grows."))
    shrinks = "CAST(NEW.filled_size AS NUMERIC) < CAST(OLD.filled_size AS NUMERIC)"
    resigned = "OLD.signed_at IS NOT NULL AND (NEW.signed_at IS NULL OR NEW.signed_at <> OLD.signed_at)"
    yielded = "OLD.superseded_by IS NOT NULL OR NEW.superseded_by IS NULL"
    return [
        *found,
        ("orders", "filled", "UPDATE", shrinks, "What was filled never shrinks (P4)."),
        ("orders", "signed", "UPDATE", resigned, "An order is signed once, with the stored moment (R2)."),
        ("orders", "wish", "UPDATE", _differs("symbol", "direction", "effect", "kind", "created_at", "proposal_id"),
         "What an order is never changes."),
        ("fills", "yield", "UPDATE", yielded, "A fill is written once; an inferred one yields once."),
        ("fills", "fact", "UPDATE", _differs("symbol", "venue_order_id", "size", "price", "fee", "at", "inferred"),
         "What was executed never changes."),
        ("proposals", "origin", "UPDATE", _differs("request_key", "raised_at", "origin_kind", "origin_name"),
         "Who raised a proposal never changes."),
        ("bookmarks", "seq", "UPDATE", "NEW.seq <= OLD.seq", "A bookmark only moves forward."),
        ("leases", "epoch", "UPDATE", "NEW.epoch < OLD.epoch", "A fencing number never falls."),
        ("mandates", "revoked", "UPDATE", "OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS NULL",
         "A revoked mandate stays revoked."),
    ]


def _backward(states: Mapping[str, tuple[str, ...]]) -> str:
    steps = [f"(OLD.state = '{old}' AND NEW.state = '{new}')" for old, after in states.items() for new in after]
    return f"NEW.state <> OLD.state AND NOT ({' OR '.join(steps)})"


def _differs(*columns: str) -> str:
    return " OR ".join(f"NEW.{name} <> OLD.{name} OR (NEW.{name} IS NULL) <> (OLD.{name} IS NULL)" for name in columns)


def _trigger(table: str, name: str, event: str, when: str, message: str) -> str:
    head = f"CREATE TRIGGER guard_{table}_{name} BEFORE {event} ON {table} FOR EACH ROW"
    condition = f" WHEN ({when})" if when else ""
    if _postgres():
        return f"{head}{condition} EXECUTE FUNCTION wiredesk_refuse('{message}')"
    return f"{head}{condition} BEGIN SELECT RAISE(ABORT, 'impossible: {message}'); END"


def _postgres() -> bool:
    return op.get_bind().dialect.name == "postgresql"
