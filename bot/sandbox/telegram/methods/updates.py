"""getUpdates and the webhook's settings (bot_api.md sections 4 and 5)."""
from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from urllib.parse import urlsplit

from bot.sandbox.telegram import errors, links
from bot.sandbox.telegram.errors import Refusal, bad
from bot.sandbox.telegram.params import Params
from bot.sandbox.telegram.state import Json, Webhook
from bot.sandbox.telegram.world import World

_LONGEST = 50
_BURST = 0.0015
_PORTS = (443, 80, 88, 8443)


async def get_updates(world: World, p: Params, alive: Callable[[], bool]) -> list[Json]:
    """Return pending updates, parking the call while there are none; raises 409 for a second poller."""
    if world.webhook.url:
        raise Refusal(409, errors.POLL_WEBHOOK)
    queue = world.updates
    queue.allow(p.array("allowed_updates"))
    offset = p.integer("offset")
    limit = p.integer("limit", 100)
    limit = limit if 1 <= limit <= 100 else 100
    timeout = float(max(0, min(p.integer("timeout"), _LONGEST)))
    if world.rules.anti_spin:
        limit, timeout = _anti_spin(world, offset, limit, timeout)
    ready = queue.take(offset, limit)
    if not ready and timeout > 0:
        await _park(world, timeout, alive)
        ready = queue.take(max(offset, 0), limit)
    return [update.wire() for update in ready]


def _anti_spin(world: World, offset: int, limit: int, timeout: float) -> tuple[int, float]:
    before, at = world.last_offset
    since = world.now() - at
    world.last_offset = (offset, world.now())
    if offset == before and since < 3 and timeout < 3:
        return 1 if since < 0.5 else limit, 3.0
    return limit, timeout


async def _park(world: World, timeout: float, alive: Callable[[], bool]) -> None:
    """Wait for an update or the end of the time; the newer of two polls stays."""
    queue = world.updates
    queue.end_parked(Refusal(409, errors.POLL_TERMINATED))
    waiter: asyncio.Future[BaseException | None] = asyncio.get_running_loop().create_future()
    queue.parked, queue.alive = waiter, alive
    try:
        outcome = await asyncio.wait_for(waiter, timeout)
    except TimeoutError:
        return
    finally:
        if queue.parked is waiter:
            queue.parked = None
    if outcome is None:
        await world.sleep(_BURST)
        return
    if isinstance(outcome, Refusal) and outcome.description == errors.POLL_TERMINATED:
        recent = world.now() - world.last_conflict < world.rules.conflict_delay
        world.last_conflict = world.now()
        if recent:
            await world.sleep(world.rules.conflict_delay)
    raise outcome


def set_webhook(world: World, p: Params) -> tuple[bool, str]:
    """Push updates to an address from now on; an empty one deletes. Returns the result and its description."""
    url = p.text("url").strip()
    if not url:
        return delete_webhook(world, p)
    _check_webhook(url)
    secret = p.text("secret_token")
    if len(secret) > 256:
        raise bad("secret token is too long")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", secret):
        raise bad("secret token contains unallowed characters")
    queue = world.updates
    queue.allow(p.array("allowed_updates"))
    if p.flag("drop_pending_updates"):
        queue.clear()
    connections = p.integer("max_connections", 40)
    hook = Webhook(
        url=url, secret=secret, certificate=p.upload("certificate") is not None,
        max_connections=connections if 1 <= connections <= 100 else 40, ip_address=p.text("ip_address") or None,
    )
    same = (hook.url, hook.secret) == (world.webhook.url, world.webhook.secret)
    world.webhook = hook
    queue.end_parked(Refusal(409, errors.POLL_SET_WEBHOOK))
    queue.wake()
    return True, "Webhook is already set" if same else "Webhook was set"


def _check_webhook(url: str) -> None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise bad("invalid webhook URL specified") from None
    if not parts.hostname or parts.scheme not in ("http", "https"):
        raise bad("invalid webhook URL specified")
    if links.is_loopback(url):
        return
    if parts.scheme != "https":
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if port is not None and port not in _PORTS:
        raise bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")


def delete_webhook(world: World, p: Params) -> tuple[bool, str]:
    """Stop pushing. Returns the result and its description."""
    had = bool(world.webhook.url)
    world.webhook = Webhook()
    if p.flag("drop_pending_updates"):
        world.updates.clear()
    return True, "Webhook was deleted" if had else "Webhook is already deleted"


def get_webhook_info(world: World, p: Params) -> Json:
    """Return the address, how many updates wait, and the last failure."""
    hook, queue = world.webhook, world.updates
    queue.expire()
    out: Json = {
        "url": hook.url, "has_custom_certificate": hook.certificate, "pending_update_count": len(queue.pending),
    }
    if hook.url:
        if hook.ip_address:
            out["ip_address"] = hook.ip_address
        if hook.error is not None:
            out |= {"last_error_date": hook.error_date, "last_error_message": hook.error}
        out["max_connections"] = hook.max_connections
    if queue.allowed is not None:
        out["allowed_updates"] = sorted(queue.allowed)
    return out
