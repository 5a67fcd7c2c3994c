"""Word what checking found, for a terminal. Pure."""
from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.adapters.bitget.classic.topic import ALL, Topic
from bot.compose.first_pushes import Heard
from bot.domain.account import Account, PositionMode, World
from bot.domain.ids import Symbol
from bot.domain.instrument import Instrument, ProductLine
from bot.domain.numbers import HUNDRED, plain
from bot.domain.reports import OrderReport, PositionReport, Profile
from bot.ports.venue import SymbolSettings

MONEY = {
    "sandbox": "everything simulated, on this machine",
    "demo": "Bitget's demo trading: no real money",
    "live": "REAL MONEY",
}
WORLDS = {World.CLASSIC: "classic", World.UNIFIED: "unified"}
MODES = {PositionMode.ONE_WAY: "one-way", PositionMode.HEDGE: "hedge"}


def where(environment: str, account: str, address: str) -> str:
    """Say whose money and which address."""
    return f"Environment: {environment} ({MONEY.get(environment, environment)}). Account {account} at {address}."


def world(profile: Profile) -> str:
    """Say which generation of account the key belongs to."""
    return f"Account world: {WORLDS[profile.world]}."


def key(profile: Profile, dangers: tuple[str, ...]) -> str:
    """Say what the key may do, dangers by name."""
    rights = profile.rights
    if rights is None:
        return "Key: what it may do could not be read."
    can = {"read": rights.read, "trade futures": rights.trade, "withdraw": rights.withdraw,
           "move money between accounts": rights.transfer}
    may = ", ".join(name for name, yes in can.items() if yes) or "nothing"
    cannot = ", ".join(name for name, yes in can.items() if not yes)
    bound = "bound to an IP address" if rights.ip_bound else "usable from any address"
    said = f"Key of user {rights.user_id}: may {may}; may not {cannot or 'be refused anything'}; {bound}."
    return "\n".join([said, *(f"  Danger: {one}" for one in dangers)])


def clock(profile: Profile) -> str:
    """Say how far the clocks are apart."""
    offset = profile.clock_offset_ms
    side = "behind" if offset > 0 else "ahead of"
    return (f"Clock: this machine is {abs(offset)} ms {side} the exchange "
            f"(known to {profile.clock_uncertainty_ms} ms).")


def clock_trouble(profile: Profile, allowed_s: float) -> list[str]:
    """Say what is wrong with a clock that is further off than allowed."""
    off_s = abs(profile.clock_offset_ms) / 1000
    if off_s <= allowed_s:
        return []
    side = "behind" if profile.clock_offset_ms > 0 else "ahead of"
    return [f"This machine's clock is {off_s:.1f} s {side} the exchange's, and {allowed_s:g} s are allowed. "
            "Set the clock (switch time synchronisation on) and check again."]


def modes(profile: Profile, lines: Sequence[ProductLine]) -> str:
    """Say the position mode of each line and whether assets are shared."""
    each = ", ".join(f"{line.value} {MODES[profile.position_modes[line]]}" for line in lines)
    return f"Position mode: {each}. Margin: {profile.asset_mode} asset."


def line(
    name: ProductLine,
    accounts: Sequence[Account],
    positions: Sequence[PositionReport],
    orders: Sequence[OrderReport],
    plans: Sequence[OrderReport],
) -> str:
    """Say what one product line holds: balances, positions, orders, plans."""
    said = [f"{name.value} futures: {len(positions)} positions, {len(orders)} open orders, {len(plans)} plans."]
    said += [f"  Balance: {plain(one.equity)} {one.margin_coin} equity, {plain(one.available)} free"
             for one in accounts]
    said += [f"  Position: {one.direction.value.lower()} {plain(one.size)} {one.symbol} at {plain(one.entry)}, "
             f"{plain(one.leverage)}x {one.margin_mode.value.lower()}" for one in positions]
    said += [f"  Order: {_report(one)}" for one in orders]
    said += [f"  Plan: {_report(one)}" for one in plans]
    return "\n".join(said)


def _report(one: OrderReport) -> str:
    size = "all" if one.size is None else plain(one.size)
    direction = one.direction.value.lower() if one.direction is not None else "net"
    price = f" at {plain(one.limit_price)}" if one.limit_price is not None else ""
    trigger = f" when {plain(one.trigger.price)}" if one.trigger is not None and one.trigger.price is not None else ""
    return f"{one.kind.value.lower()} {direction} {size} {one.symbol}{price}{trigger} ({one.venue_order_id})"


def contracts(shown: Sequence[Instrument], settings: Mapping[Symbol, SymbolSettings], total: int) -> str:
    """Say the rules of some contracts and how they are set."""
    said = [f"Contracts: {total}; {len(shown)} of them:"]
    for one in shown:
        now = settings[one.symbol]
        long, short = plain(now.leverage_long), plain(now.leverage_short)
        leverage = f"{long}x" if long == short else f"{long}x long, {short}x short"
        said.append(
            f"  {one.symbol}: size step {plain(one.size_step)}, at least {plain(one.minimum_size)} and "
            f"{plain(one.minimum_notional)} {one.quote}; price step {plain(one.price_step)}; up to "
            f"{plain(one.maximum_leverage)}x; fees {plain(one.maker_fee * HUNDRED)} / "
            f"{plain(one.taker_fee * HUNDRED)} %; set to {now.margin_mode.value.lower()} {leverage}"
            + ("" if one.tradable else "; NOT tradable now")
        )
    return "\n".join(said)


def stream(name: str, heard: Heard, topics: Sequence[Topic]) -> str:
    """Say what each channel said first and how old it was."""
    said = [f"{name} stream: {'acknowledged' if heard.settled else 'not available'}."]
    for topic in topics:
        what = topic.line.value if topic.symbol == ALL else topic.symbol
        if topic in heard.ages:
            told = f"first push {max(heard.ages[topic], 0.0) * 1000:.0f} ms old"
        elif topic in heard.refused:
            told = f"refused: {heard.refused[topic]}"
        else:
            told = "subscribed, nothing to say yet" if heard.settled else "not heard"
        said.append(f"  {what} {topic.channel}: {told}")
    return "\n".join(said)


def stream_trouble(name: str, heard: Heard) -> list[str]:
    """Say what is wrong with a stream."""
    if heard.why_down is not None:
        return [f"The {name.lower()} stream is not available: {heard.why_down}. Without it nothing opens; check the "
                "network and the stream's address."]
    return []
