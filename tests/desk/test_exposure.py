"""Count what the desk carries; what is unknown counts as filled (R14, I10)."""
from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from bot.desk.enter import enter_fill
from bot.desk.exposure import loss_starts, read_exposure
from bot.desk.facts import Facts, gather
from bot.desk.learn import enter_report, learn
from bot.desk.protect import Watched
from bot.domain.fill import Fill
from bot.domain.ids import ClientOrderId, PersonId
from bot.domain.instrument import ProductLine
from bot.domain.intent import Direction
from bot.domain.limits import Limits
from bot.domain.order import Order
from bot.domain.reports import Bill, VenueState
from bot.domain.risk import Exposure
from bot.ports.ledger_rows import EquityMark
from bot.ports.venue import NeverLeft, Outcome, Rejected, Unknown
from tests.desk.test_protect import held, look, stop_at
from tests.desk.trade import ANA, say, sent
from tests.support.scripted import BTC, COIN, ETH, Bench

LONG, SHORT = Direction.LONG, Direction.SHORT


async def carried(
    bench: Bench, symbol: str = "BTCUSDT", side: Direction = LONG, person: PersonId | None = None
) -> Exposure:
    contract = next(one for one in (BTC, ETH, COIN) if one.symbol == symbol)
    facts = await gather(bench.seat, contract)
    assert isinstance(facts, Facts)
    now, marks = bench.clock.now(), bench.seat.shelf.marks
    return await bench.seat.ledger.read(lambda tx: read_exposure(tx, facts, side, Limits(), now, marks, person))


async def take(bench: Bench, one: Fill) -> None:
    await bench.seat.ledger.transact(lambda tx: enter_fill(tx, bench.seat.shelf, one, bench.clock.now()))


async def filled(bench: Bench, order: Order, size: str, price: str = "60000") -> None:
    await take(bench, bench.fill(order, size, price, f"t-{order.client_order_id}"))


@pytest.mark.parametrize(
    ("answer", "notional"),
    [(Unknown(why="cut"), "600"), (Rejected(code="1", words="no"), "0"), (NeverLeft(why="no"), "0"), (None, "600")],
    ids=["R14 in doubt counts whole", "rejected", "never left", "accepted"],
)
async def test_an_answer_decides_what_counts(bench: Bench, answer: Outcome | None, notional: str) -> None:
    if answer is not None:
        bench.venue.answers.append(answer)
    await sent(bench, "long btc 0.01 sl 2%")
    seen = await carried(bench)
    assert seen.symbol_notional == seen.side_notional == seen.account_notional == Decimal(notional)
    assert seen.in_doubt == isinstance(answer, Unknown)


async def test_a_part_filled_order_counts_once(bench: Bench) -> None:
    order = await sent(bench, "long btc 0.01 @59000 sl 2%")
    await filled(bench, order, "0.004", "59000")
    # 0.004 held at the mark of 60,000 and 0.006 waiting at their limit of 59,000.
    assert (await carried(bench)).symbol_notional == Decimal(240) + Decimal(354)


async def test_what_ended_with_fills_still_on_their_way_is_counted(bench: Bench) -> None:
    """R14: cancelled, 0.004 claimed, none of it in the books yet."""
    order = await sent(bench, "long btc 0.01 @59000 sl 2%")
    told = bench.report(order, VenueState.CANCELED, "0.004")
    await bench.seat.ledger.transact(lambda tx: enter_report(tx, bench.seat, told))
    assert (await carried(bench)).symbol_notional == Decimal("0.004") * 59_000
    await filled(bench, order, "0.004", "59000")
    assert (await carried(bench)).symbol_notional == Decimal(240), "held now, and no more than that"


async def test_foreign_orders_count(bench: Bench) -> None:
    """FF-32."""
    order = await sent(bench, "long btc 0.01 @59000 sl 2%")
    await learn(bench.seat, bench.report(order, VenueState.LIVE, client_order_id=ClientOrderId("app"),
                                         venue_order_id="x1", attached=None))
    seen = await carried(bench)
    assert (seen.symbol_notional, seen.orders) == (Decimal(1180), 2)
    assert seen.open_risk > Decimal(590), "the foreign one has no stop of ours and counts whole"


async def test_sides_symbols_and_people_are_told_apart(bench: Bench) -> None:
    await say(bench, "long btc 0.01 sl 2%", "a", origin=ANA)
    await say(bench, "short eth 0.1 sl 2%", "b")
    btc, eth = await carried(bench, person=ANA.person), await carried(bench, "ETHUSDT", SHORT)
    assert (btc.symbol_notional, btc.side_notional, btc.account_notional) == (Decimal(600), Decimal(600), Decimal(900))
    assert (eth.symbol_notional, eth.side_notional, eth.person_notional) == (Decimal(300), Decimal(300), Decimal(0))
    assert (btc.person_notional, btc.person_orders_last_minute, btc.orders_last_minute) == (Decimal(600), 1, 2)
    assert btc.positions == 2


async def test_a_close_in_flight_cannot_be_closed_again(bench: Bench) -> None:
    await held(bench)
    await sent(bench, "close btc 50%", "c")
    assert (await carried(bench)).closable == Decimal("0.005")


async def test_a_close_in_doubt_counts_as_not_filled(bench: Bench) -> None:
    """R14: the pessimistic side for closing decisions."""
    await held(bench)
    bench.venue.answers.append(Unknown(why="cut"))
    await sent(bench, "close btc", "c")
    seen = await carried(bench)
    assert (seen.closable, seen.position_size) == (Decimal("0.01"), Decimal("0.01"))


async def test_open_risk_is_what_the_stops_would_lose(bench: Bench) -> None:
    entry = await held(bench)
    assert (await carried(bench)).open_risk == Decimal(600), "without a proven stop the whole"
    bench.venue.plans = [stop_at(bench, entry, "59000")]
    await look(bench, Watched())
    assert (await carried(bench)).open_risk == Decimal(10)


async def test_a_coin_wallet_is_valued_at_the_mark(bench: Bench) -> None:
    assert (await carried(bench, "BTCUSD")).equity == Decimal(60_000)


async def test_the_day_begins_at_the_last_mark_before_midnight_and_transfers_are_no_loss(bench: Bench) -> None:
    """FF-78, FF-79."""
    now = bench.clock.now()
    midnight = now.replace(hour=0, minute=0)
    marks = [(midnight - timedelta(minutes=1), 9_800), (midnight + timedelta(hours=1), 9_700)]
    out = Bill(bill_id="b1", line=ProductLine.USDT, coin="USDT", kind="trans_to_exchange", symbol=None,
               amount=Decimal(-500), fee=Decimal(0), balance=None, at=midnight + timedelta(hours=2))

    def work(tx: object) -> tuple[Decimal, Decimal]:
        for at, equity in marks:
            mark = EquityMark(line=ProductLine.USDT, margin_coin="USDT", equity=Decimal(equity), at=at)
            tx.equity_marks.add(mark)  # type: ignore[attr-defined]
        tx.bills.insert(out)  # type: ignore[attr-defined]
        return loss_starts(tx, ProductLine.USDT, "USDT", Limits(), now, Decimal(9_000))  # type: ignore[arg-type]

    day, rolling = await bench.seat.ledger.transact(work)
    assert (day, rolling) == (Decimal(9_300), Decimal(9_500))


async def test_without_a_mark_there_is_no_loss(bench: Bench) -> None:
    """FF-83: nothing trips by numbers nobody has."""
    now = bench.clock.now()
    found = await bench.seat.ledger.read(
        lambda tx: loss_starts(tx, ProductLine.USDC, "USDC", Limits(), now, Decimal(7)))
    assert found == (Decimal(7), Decimal(7))
