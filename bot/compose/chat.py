"""Build the chat out of the settings: bot, door, courier, delivery, alarms; and let the first people in."""
from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

from bot import __version__
from bot.charts.studio import NoPicture, Studio
from bot.chat import alarms, courier, raises
from bot.chat.alerts_set import watch_alerts
from bot.chat.application import Chat, TelegramBot, build_bot
from bot.chat.call import PROPOSED, TYPED, ChatRules, Counter
from bot.chat.commands.table import COMMANDS, PRESSES, QUESTIONS
from bot.chat.daily import Daily, tell_daily
from bot.chat.dashboard import Dashboards, day_start
from bot.chat.delivery import Delivery
from bot.chat.door import Door
from bot.chat.messenger import TelegramMessenger
from bot.chat.need import Quorums
from bot.chat.people import CODE_LENGTH, CODE_LIFE, new_first_code, seed
from bot.chat.polls import Polls
from bot.chat.render.dashboard import Board
from bot.chat.render.text import Chip
from bot.chat.second_channel import webhook
from bot.chat.witness import Witness, testify
from bot.compose.actions import stream_ages
from bot.compose.copies import SEAL_KEY
from bot.compose.parts import Parts
from bot.compose.seal_key import seal_key
from bot.desk.control import pause
from bot.desk.council import furthest
from bot.desk.front import Desk
from bot.desk.seat import Seat
from bot.desk.verdict import limits_for
from bot.domain.decision import Quorum
from bot.domain.limits import Limits
from bot.domain.numbers import HUNDRED
from bot.domain.proposal import ProposalState
from bot.domain.trading import Readiness
from bot.ports.clock import Ids
from bot.ports.ledger import Tx
from bot.ports.ledger_rows import Plain
from bot.runtime.readiness import ReadinessGate
from bot.runtime.supervisor import Work
from bot.settings import Settings

log = logging.getLogger(__name__)

MAIN_COIN = "USDT"
DRAIN_STEP_S, GRACE_S = 0.05, 1.0


def rules_of(settings: Settings) -> ChatRules:
    """Read the chat's numbers; times are divided by the time scale (C2)."""
    solo, scale = settings.desk == "solo", settings.time_scale
    usual = ChatRules()
    return ChatRules(
        command_age_s=settings.seconds("command_age_max_s"),
        repeat_s=usual.repeat_s / scale,
        raise_delay_s=usual.raise_delay_s / scale,
        others_s=usual.others_s / scale,
        quorums=Quorums(
            proposed=Quorum(one=PROPOSED.one, two=PROPOSED.two, cap=PROPOSED.cap, solo=solo),
            typed=Quorum(one=TYPED.one, two=TYPED.two, cap=TYPED.cap, solo=solo),
        ),
    )


async def let_in(seat: Seat, settings: Settings) -> str | None:
    """Seed the sandbox's people, else make a code for the first owner; gives what the console has to say."""
    now = seat.clock.now()
    if settings.seed_people is not None:
        rows = json.loads(settings.seed_people)
        salt = seat.ids.new_token(CODE_LENGTH)
        await seat.ledger.transact(lambda tx: seed(tx, rows, salt, now))
    token = seat.ids.new_token(CODE_LENGTH)
    made = await seat.ledger.transact(lambda tx: new_first_code(tx, token, now))
    if not made:
        return None
    minutes = int(CODE_LIFE.total_seconds() // 60)
    return (f"Nobody owns this desk yet. Send your bot this within {minutes} minutes, from your own Telegram account:\n"
            f"  /start {token}")


def works(parts: Parts, gate: ReadinessGate, settings: Settings) -> list[Work]:
    """Name the chat's eternal tasks; none without a bot token."""
    if settings.telegram_token is None:
        return []
    seat = parts.seat
    rules, chip = rules_of(settings), Chip(environment=seat.environment)
    polls = Polls(monotonic=seat.clock.monotonic)
    bot = build_bot(
        settings.telegram_token.get_secret_value(), settings.address("telegram_root"), polls, poll_s=rules.poll_s
    )
    messenger = TelegramMessenger(bot)
    delivery = Delivery(ledger=seat.ledger, clock=seat.clock, messenger=messenger, chip=chip)
    boards = Dashboards(
        ledger=seat.ledger, clock=seat.clock, messenger=messenger, chip=chip, pace=delivery.pace,
        board=lambda: board_of(parts.desk, gate.readiness()),
    )
    studio = Studio()
    key = _key(settings, seat.ids)

    async def curve(kind: str, *given: Any) -> bytes | None:
        return await _picture(studio.equity if kind == "equity" else studio.days, *given)

    def door_of(ready: TelegramBot) -> Door:
        counter = Counter(
            desk=parts.desk, chip=chip, rules=rules, wake=delivery.wake, health=lambda: _health(parts, gate),
            version=__version__, bot_name=ready.username, config=_shown(settings),
            dashboards=boards, draw=lambda *given: _picture(studio.candles, *given), curve=curve,
            qr=lambda words: _picture(studio.qr, words), seal_key=key,
        )
        return Door(counter, ready, messenger, COMMANDS, PRESSES, QUESTIONS)

    chat = Chat(seat=seat, bot=bot, polls=polls, door_of=door_of, poll_s=rules.poll_s, gap_s=rules.command_age_s)
    mail = courier.Courier(
        ledger=seat.ledger, clock=seat.clock, chip=chip, books=lambda: seat.shelf.instruments, wake=delivery.wake,
        seen=boards.seen, quorums=rules.quorums,
    )
    ladder = alarms.Ladder(
        ledger=seat.ledger, clock=seat.clock, chip=chip, second=_second(settings),
        unreached=lambda why: _unreached(seat, why), wake=delivery.wake,
    )
    drain_s = settings.seconds("drain_s")
    return [
        Work(
            name="chat delivery", run=delivery.run, wind_down=lambda: _drain(seat, drain_s),
            wind_down_s=drain_s + GRACE_S,
        ),
        Work(name="chat courier", run=lambda: courier.run(mail)),
        Work(name="chat alarms", run=lambda: alarms.ring(ladder)),
        Work(name="chat alerts", run=lambda: watch_alerts(parts.desk)),
        Work(name="chat witness", run=lambda: testify(Witness(
            ledger=seat.ledger, clock=seat.clock, chip=chip, wake=delivery.wake, second=_second(settings),
        ))),
        Work(name="chat raises", run=lambda: raises.watch(parts.desk, chip, delivery.wake)),
        Work(name="chat digest", run=lambda: tell_daily(
            Daily(desk=parts.desk, chip=chip, wake=delivery.wake, curve=curve)
        )),
        Work(name="chat dashboards", run=lambda: _dashboards(boards, studio)),
        Work(name="chat", run=chat.run),
    ]


async def _dashboards(boards: Dashboards, studio: Studio) -> None:
    try:
        await boards.run()
    finally:
        studio.close()


async def _picture(draw: Callable[..., Awaitable[bytes]], *given: Any) -> bytes | None:
    """Draw; a picture that cannot be drawn leaves its facts in text."""
    try:
        return await draw(*given)
    except NoPicture as why:
        log.warning("No chart: %s", why)
        return None


def _key(settings: Settings, ids: Ids) -> bytes:
    """Read or make the key of sealed secrets; without one the desk runs, and app codes do not count."""
    try:
        return seal_key(settings.data_dir / SEAL_KEY, ids)
    except (OSError, ValueError) as why:
        log.error("Codes of authenticator apps cannot be used: %s", why)
        return b""


def _second(settings: Settings) -> alarms.Channel | None:
    """Give the second channel, where the operator named one."""
    address = settings.second_channel_url
    return webhook(address.get_secret_value(), f"Wiredesk {settings.account}") if address is not None else None


async def board_of(desk: Desk, readiness: Readiness) -> Board:
    """Read what a dashboard shows."""
    seat = desk.seat
    now = seat.clock.now()
    account, held, status = await desk.account(), await desk.holdings(), await desk.status()
    today = next((one.net for one in await desk.profits(day_start(now)) if one.coin == MAIN_COIN), None)

    def read(tx: Tx) -> tuple[int, Limits]:
        waiting = sum(1 for one in tx.proposals.awaiting() if one.state is ProposalState.AWAITING)
        return waiting, limits_for(tx, None, None)

    waiting, limits = await seat.ledger.read(read)
    equity = next((one.equity for one in account.accounts if one.margin_coin == MAIN_COIN), None)
    used = None
    if limits.daily_loss is not None and equity:
        lost = max(Decimal(0), -(today or Decimal(0)))
        used = lost / (equity * limits.daily_loss / HUNDRED) * HUNDRED
    return Board(
        account=account, holdings=held, status=status, readiness=readiness, today=today, risk_used=used,
        models=furthest(await desk.members()).value, waiting=waiting, at=now,
    )


def _health(parts: Parts, gate: ReadinessGate) -> Plain:
    return {"readiness": gate.readiness().value, "reasons": dict(gate.reasons), "streams": stream_ages(parts)}


def _shown(settings: Settings) -> Plain:
    """Give the settings that may be shown: no secret, and nothing that names people."""
    secret = {id(one) for one in settings.secrets()}
    values = {name: getattr(settings, name) for name in type(settings).model_fields if name != "seed_people"}
    return {name: str(value) for name, value in values.items() if value is not None and id(value) not in secret}


async def _unreached(seat: Seat, why: str) -> None:
    """Open nothing while nobody hears what is critical (reliability section 5, rule 5)."""
    await pause(seat, by=None, why=why, actor="system:chat")


async def _drain(seat: Seat, within_s: float) -> None:
    """Give what is queued a moment to leave."""
    until = seat.clock.monotonic() + within_s
    while seat.clock.monotonic() < until:
        if not await seat.ledger.read(_due):
            return
        await seat.clock.sleep(DRAIN_STEP_S)


def _due(tx: Tx) -> int:
    return len(tx.messages.unfinished())
