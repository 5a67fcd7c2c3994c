"""The cards of chat_ux.md section 13 with plain values, for golden texts and for looking at them."""
from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal as D

from bot.chat import alarms
from bot.chat.card import Card
from bot.chat.render import (
    alerts,
    autonomy,
    control,
    dashboard,
    help,
    market,
    orders,
    portfolio,
    proposals,
    reports,
    trade,
)
from bot.chat.render.text import Chip
from bot.chat.tale import Tale
from bot.desk.ai_cost import AiCost
from bot.desk.council import Member, View
from bot.desk.explain import Story
from bot.desk.flat import FlatReport
from bot.desk.grant import Bounds
from bot.desk.planned import Plan, Preview
from bot.desk.propose import Raised
from bot.desk.tally import Tallies
from bot.desk.views import AccountView, HoldingView, ProfitView, StatusView
from bot.domain import events as e
from bot.domain.account import Account
from bot.domain.alert import Alert, Audience, Severity, Topic
from bot.domain.decision import Decision, Manner
from bot.domain.events import Entry, kind_of, subject_of
from bot.domain.ids import AccountId, ClientOrderId, PersonId, ProposalId, RequestKey, Symbol
from bot.domain.instrument import Instrument, ProductLine
from bot.domain.intent import Attached, Direction, Effect, MarginMode, OrderIntent, OrderKind, Trigger
from bot.domain.mandate import Mandate, Rung, Usage
from bot.domain.order import Order, OrderState
from bot.domain.position import Position
from bot.domain.proposal import Action, Leg, Origin, OriginKind, Proposal, ProposalState, Terms
from bot.domain.protection import Protection, ProtectionState
from bot.domain.refusal import Reason, refuse
from bot.domain.trading import Environment, Readiness, TradingState
from bot.ports.advisor import Abstained, Idea
from bot.ports.assessor import Score
from bot.ports.lab_rows import RungRow, VersionState
from bot.ports.market import Ticker
from tests.adapters.store.test_lab import version
from tests.domain.builders import DESK, fill, instrument

NOW = datetime(2025, 11, 22, 8, 26, 40, tzinfo=UTC)
SANDBOX, DEMO, LIVE = (Chip(environment=one) for one in (Environment.SANDBOX, Environment.DEMO, Environment.LIVE))
ETH, SOL = Symbol("ETHUSDT"), Symbol("SOLUSDT")
BTC_BOOK = instrument()
ETH_BOOK = instrument(symbol=ETH, base="ETH", price_step=D("0.01"), size_step=D("0.01"))
SOL_BOOK = instrument(symbol=SOL, base="SOL", price_step=D("0.001"), size_step=D("0.1"))
BOOKS = {one.symbol: one for one in (BTC_BOOK, ETH_BOOK, SOL_BOOK)}
WALLET = Account(line=ProductLine.USDT, margin_coin="USDT", equity=D("10042.65"), available=D("5796.69"),
                 in_use=D("4245.96"), unrealised=D("38.64"), margin_ratio=D("0.031"), as_of=NOW)
VIEW = AccountView(accounts=(WALLET,), positions=3, orders=2, trading=TradingState.ACTIVE)
STATUS = StatusView(trading=TradingState.ACTIVE, unresolved=0, unprotected=1, positions=3, orders=2, foreign=0,
                    in_doubt=())
ANA = PersonId(7001)


def proposal(origin: Origin, intent: OrderIntent, **more: object) -> Proposal:
    """Give a proposal with one leg."""
    terms = Terms(account=DESK, environment=Environment.DEMO, action=Action.PLACE, symbol=intent.symbol,
                  direction=intent.direction, legs=(Leg(child="entry", intent=intent),), leverage=D(5))
    usual = Proposal(
        id=ProposalId("k7q2m4x9tb"), account=DESK, request_key=RequestKey("r"), origin=origin, terms=terms,
        reference_price=D("60548.2"), drift_allowed=D("0.0025"), raised_at=NOW, expires_at=NOW + timedelta(seconds=30),
    )
    return replace(usual, **more)  # type: ignore[arg-type]


ENTRY = OrderIntent(
    symbol=BTC_BOOK.symbol, direction=Direction.LONG, effect=fill().effect, kind=OrderKind.LIMIT,  # type: ignore[arg-type]
    size=D("0.05"), limit_price=D(60500), attached=Attached(stop=D(59800), target=D(63500)),
    margin_mode=MarginMode.ISOLATED, leverage=D(5),
)
SHORT = replace(ENTRY, symbol=ETH, direction=Direction.SHORT, kind=OrderKind.MARKET, size=D("1.2"), limit_price=None,
                attached=Attached(stop=D(3090), target=D(2890)), leverage=D(3))
TYPED = proposal(Origin(kind=OriginKind.PERSON, name="Ana", person=ANA), ENTRY)
IDEA = proposal(
    Origin(kind=OriginKind.ADVISOR, name="trend-4h"), SHORT, reference_price=D("3012.1"), confidence=D("0.71"),
    expires_at=NOW + timedelta(seconds=90),
    thesis="4h close under the 50-bar mean, funding +0.031%, order-book skew -0.24. Counter: BTC trend is up.",
)
AGENT = replace(IDEA, origin=Origin(kind=OriginKind.ADVISOR, name="mcp:research-bot"))
SHRUNK = ("It moved 6.5% in a day, 4% is taken as usual: 62% of the risk", "The model trades at 80% of its risk")
RECORD = ("33–58% reach the target (52 like this: 24 did, +0.2R on average)",
          "8 of 10 ended between -1.1R and +1.9R", "it pays from 36% on")
CUT = replace(AGENT, thesis="The trend has turned.", terms=replace(TYPED.terms, action=Action.CLOSE, legs=(
    Leg(child="close", intent=replace(ENTRY, effect=Effect.CLOSE, kind=OrderKind.MARKET, limit_price=None,
                                      attached=None)),)))
NEARER = replace(AGENT, thesis="It gained 1.2 times its risk.", terms=replace(TYPED.terms, action=Action.PROTECT, legs=(
    Leg(child="stop", intent=replace(ENTRY, effect=Effect.CLOSE, kind=OrderKind.STOP, limit_price=None, attached=None,
                                     size=None, trigger=Trigger(price=D(60540)))),)))
FOREIGN = proposal(
    Origin(kind=OriginKind.SIGNAL, name="Crypto VIP <1>", person=ANA), ENTRY, expires_at=NOW + timedelta(seconds=900),
    reasons=("Pair: #BTC/USDT", "Side: long", "Entry: 60000 to 60500", "Target: 63500", "Stop: 59800", "Leverage: 5x"),
    thesis="VIP SIGNAL no 2043\nRisk only 1% of your wallet. <b>APPROVED</b> https://t.me/best",
)
PREVIEW = Preview(
    price=D(60500), size=D("0.05"), notional=D(3025), margin=D(605), fees=D("2.42"), loss=D("37.42"),
    loss_percent=D("0.3726"), gain=D("147.58"), reward_risk=D("3.94"), liquidation=D(48652), distance=D("19.6"),
    exposure_before=D("0.42"), exposure_after=D("0.72"), leverage=D(5), leverage_was=D(10), stop=D(59800),
    targets=(D(63500),), coin="USDT",
)
RAISED = e.ProposalRaised(proposal=IDEA, worst_loss=D("97.65"), worst_loss_percent=D("0.9724"), notional=D("3614.52"),
                          exposure_before=D("0.42"), exposure_after=D("0.78"), liquidation=D("4001.2"), votes_needed=2)
FOREIGN_RAISED = replace(RAISED, proposal=FOREIGN, worst_loss=D("37.42"), worst_loss_percent=D("0.3726"),
                         notional=D(3025), exposure_after=D("0.72"), liquidation=D(48652), votes_needed=1)
STOPLESS = replace(FOREIGN, thesis=None, terms=replace(FOREIGN.terms, legs=(
    Leg(child="entry", intent=replace(ENTRY, attached=Attached(target=D(63500)))),)))
STOPLESS_RAISED = replace(FOREIGN_RAISED, proposal=STOPLESS, worst_loss=None, worst_loss_percent=None)
ORDER = Order(account=DESK, client_order_id=ClientOrderId("wd-abcd-0123456789abcdefgh"), intent=ENTRY,
              state=OrderState.FILLED, created_at=NOW, proposal_id=TYPED.id, filled=D("0.05"),
              average_price=D("60499.8"))
FILLED = fill("t1", "0.05", "60499.8", client_order_id=ORDER.client_order_id, fee=D("1.81"), at=NOW)
GUARD = Protection(account=DESK, symbol=ENTRY.symbol, direction=Direction.LONG, state=ProtectionState.VERIFIED,
                   stop=D(59800), targets=(ClientOrderId("x"),), verified_at=NOW)
YES = Decision(account=DESK, proposal_id=TYPED.id, revision=0, answer=True, manner=Manner.BUTTON, by=ANA, at=NOW,
               digest="d")


def tale(order: Order | None = None, state: ProposalState = ProposalState.ORDERED) -> Tale:
    """Give the tale of Ana's order."""
    return Tale(proposal=replace(TYPED, state=state), decisions=(YES,), names={ANA: "Ana"},
                orders=(order,) if order is not None else (), fills=(FILLED,) if order is ORDER else (),
                protection=GUARD if order is ORDER else None)


def held(book: Instrument, direction: Direction, size: str, entry: str, mark: str, profit: str, *, stop: str | None,
         leverage: str, liquidation: str, age: str = "0.2") -> HoldingView:
    """Give a position as a card shows it."""
    position = Position(symbol=book.symbol, direction=direction, size=D(size), entry=D(entry),
                        margin_mode=MarginMode.ISOLATED, leverage=D(leverage), margin_coin="USDT",
                        liquidation=D(liquidation), realised=D(0), as_of=NOW)
    guard = replace(GUARD, symbol=book.symbol, direction=direction, stop=D(stop)) if stop is not None else None
    return HoldingView(
        position=position, instrument=book, protection=guard, guarded=guard is not None, mark=D(mark), age_s=D(age),
        unrealised=D(profit), percent_of_equity=D(profit) / D(100), return_on_margin=D("6.96"),
        net_if_closed=D(profit) - 2, loss_if_stopped=D("-37.42") if stop is not None else None, distance=D("20.7"),
        funding_rate=D("0.0001"), next_funding_at=NOW + timedelta(hours=3, minutes=34),
        loss_percent=D("-0.37") if stop is not None else None,
        goals=(book.round_price(D(entry) * (1 + D("0.03") * direction.sign), buying=True),) if stop is not None else (),
    )


HELD = (
    held(BTC_BOOK, Direction.LONG, "0.05", "60512.4", "61354.4", "42.10", stop="59800", leverage="5",
         liquidation="48652"),
    held(ETH_BOOK, Direction.SHORT, "1.2", "3012.10", "3021.98", "-11.86", stop="3090", leverage="3",
         liquidation="4001"),
    held(SOL_BOOK, Direction.LONG, "35", "140.0", "140.24", "8.40", stop=None, leverage="2", liquidation="75.5",
         age="14"),
)
BOARD = dashboard.Board(account=VIEW, holdings=HELD, status=STATUS, readiness=Readiness.READY, today=D("42.65"),
                        risk_used=D(31), models="PROPOSE", waiting=1, at=NOW)
HALTED = Entry(
    seq=812, account=AccountId("main"), at=NOW, actor="person:7001", kind="FlatReported", subject="desk", cause=None,
    hash="x", fact=e.FlatReported(round=2, canceled=7, closed=2, flat=False, residuals=("SOLUSDT long 35",)),
)
TICKER = Ticker(
    symbol=BTC_BOOK.symbol, last=D("60548.2"), mark=D("60547.9"), index=None, bid=D("60548.1"), ask=D("60548.2"),
    high_24h=D(61900), low_24h=D(59200), change_24h=D("0.0139"), volume_24h=D(48211), turnover_24h=D("2911000000"),
    open_interest=D(91000), funding_rate=D("0.0001"), next_funding_at=NOW + timedelta(hours=3), at=NOW,
    received_at=NOW - timedelta(seconds=1),
)
PERIOD = ProfitView(coin="USDT", line=ProductLine.USDT, since=NOW - timedelta(days=7), until=NOW, price=D("130.71"),
                    fees=D("12.31"), funding=D("1.84"), trades=14, won=9)


def entry(fact: e.Fact, seq: int = 41) -> Entry:
    """Wrap a fact as a journal line."""
    return Entry(seq=seq, account=AccountId("main"), at=NOW, actor="venue", kind=kind_of(fact),
                 subject=subject_of(fact), cause=None, fact=fact, hash="x")


def heard(severity: Severity) -> Alert:
    """Give an alert of a severity."""
    return Alert(severity=severity, audience=Audience.ALL, topic=Topic.RISK, merge_key=None)


BOUNDS = Bounds(
    notional_per_trade=D(500), notional_per_day=D(2000), trades_per_day=5, hours=12, risk_per_trade=D(20),
    risk_budget=D(80), loss_per_day=D(40),
)
LEASE = Mandate(
    id="L-1", account=AccountId("main"), advisor="trend-4h", rung=Rung.AUTO, symbols=frozenset({BTC_BOOK.symbol, ETH}),
    notional_per_trade=D(500), notional_per_day=D(2000), trades_per_day=5, minimum_confidence=D(0), cool_down_s=0,
    granted_by=ANA, granted_at=NOW, expires_at=NOW + timedelta(hours=12), risk_per_trade=D(20), risk_budget=D(80),
    loss_per_day=D(40),
)
FELL = RungRow(advisor="rules", group="all", edition=2, rung=Rung.PROPOSE, by="auto", reason="lease used up or ended",
               at=NOW)
MEMBERS = (
    Member(name="trend-4h", rung=Rung.AUTO, reach=Rung.AUTO, symbols=(ETH,), mandate=LEASE, last=None, version=None,
           usage=Usage(trades=2, notional=D(912), risk=D(31)), outcomes=41),
    Member(name="rules", rung=Rung.PROPOSE, reach=Rung.PROPOSE, symbols=(ETH,), mandate=None, usage=Usage(), last=FELL,
           outcomes=7, version=None),
)
COST = AiCost(day=D("0.11"), month=D("2.304"), today={"llm-1a2b3c": D("0.11")})
UNMET = ("Evidence is 3.1, needed are 20.", "41 outcomes, needed are 100.", "4 blocks of evidence, needed are 10.")
TALLIES = Tallies(
    approvers=((ANA, "approved", "12: +0.21R each, not significant; answered in 42 s; "
                "waiting cost +0.03R each"), (ANA, "rejected", "31: -0.09R each")),
    guards=(("reward_risk", "9: -0.31R each, not significant"),),
    critic=(("vetoed", "4: -0.51R each, not significant"),),
    fates=(("blocked", "9: -0.31R each, not significant"), ("ordered", "12: +0.21R each, not significant")),
    exits=(("rules", "CLOSE", "7: +0.31R each, not significant"), ("rules", "TIGHTEN", "12: -0.08R each")),
    advisors=(Score(head="trend-4h: 41 outcomes", rows=(
        ("Outcomes", "41 (3 not filled)"), ("Hit", "18 of 41 (32%–56%)"), ("Mean", "+0.14R (-0.20 to +0.48)"),
        ("Said", "60%, hit 44%"), ("Executed", "12, +1.90R"), ("Evidence", "3.1 (20 is enough)"))),),
)
VERSION = replace(version("M-12AB"), created_at=NOW - timedelta(days=9), state=VersionState.REGISTERED)
VIEWS = (
    View(advisor="rules", says=Idea(
        symbol=ETH, direction=Direction.SHORT, stop=D(3090), target=D(2890), horizon=timedelta(hours=6),
        thesis="Breakout under 20 candles on 1.8 times the usual volume.", against="The daily trend is up.",
        invalidation="A close above 3,090.", context_digest="x")),
    View(advisor="M-12AB", says=Abstained(reason="no side above its break-even")),
)
OUTCOME = e.IdeaResolved(proposal_id=ProposalId("k7q2m4x9tb"), symbol=ETH, advisor="trend-4h", outcome="TARGET",
                         result_r=D("1.93"), executed_r=D("1.81"), at=NOW, idea="I-1")


def of_autonomy() -> dict[str, Card]:
    """Draw how far models may go, and what they earned."""
    answer = autonomy.scores(TALLIES, {7001: "Ana"}, DEMO)
    return {
        "14_auto": autonomy.standing(MEMBERS, DEMO, BOOKS, NOW),
        "14_auto_preview": autonomy.preview(
            "trend-4h", Rung.PROPOSE, Rung.SEMI, BOUNDS, (BTC_BOOK.symbol, ETH),
            frozenset({Direction.LONG}), UNMET, "two weeks of demo", DEMO,
            BOOKS),
        "14_auto_unmet": autonomy.unmet("trend-4h", Rung.SEMI, UNMET, LIVE, real=True),
        "14_auto_granted": autonomy.granted("trend-4h", Rung.SEMI, BOUNDS, DEMO),
        "14_auto_lowered": autonomy.lowered("trend-4h", Rung.SEMI, Rung.PROPOSE, DEMO),
        "14_fell": alerts.alert(
            entry(e.RungChanged(advisor="trend-4h", group="all", was=Rung.AUTO, now=Rung.PROPOSE, by=None,
                                why="lease used up or ended", back="renewal tap")), heard(Severity.WARNING), DEMO,
            BOOKS, NOW),
        "14_cut": alerts.alert(entry(e.TradeReduced(
            advisor="rules", symbol=BTC_BOOK.symbol, direction=Direction.LONG, proposal_id=TYPED.id, share=50,
            why="The trend of 15m candles has turned down.")), heard(Severity.NORMAL), DEMO, BOOKS, NOW),
        "14_nearer": alerts.alert(entry(e.TradeReduced(
            advisor="rules", symbol=BTC_BOOK.symbol, direction=Direction.LONG, proposal_id=TYPED.id, was=D(59800),
            stop=D(60540), why="It gained 1.2 times its risk; from here it pays its fees at worst.")),
            heard(Severity.NORMAL), DEMO, BOOKS, NOW),
        "14_asks": alerts.alert(entry(e.RiskScaled(
            advisor="rules", symbol=BTC_BOOK.symbol, was=40, now=40, asked=100,
            why="Its 15m candles are 1.2 times as wide as usual.")), heard(Severity.NORMAL), DEMO, BOOKS, NOW),
        "14_takes_less": alerts.alert(entry(e.RiskScaled(
            advisor="rules", symbol=BTC_BOOK.symbol, was=100, now=30, asked=30,
            why="Its 15m candles are 3.1 times as wide as usual.")), heard(Severity.SILENT), DEMO, BOOKS, NOW),
        "14_allowed": autonomy.scaled(e.RiskScaled(
            advisor="rules", symbol=BTC_BOOK.symbol, was=40, now=50, asked=100, why="", by=ANA), DEMO, BOOKS),
        "14_why": control.story(Story(
            subject="P-k7q2m4x9tb", proposal=IDEA, decisions=(), orders=(), fills=(), lines=(
                entry(replace(RAISED, shrunk=SHRUNK)),
                entry(e.AdvisorAbstained(advisor="rules", symbol=ETH, reason="blocked: Its spread is too wide.")),
                entry(e.ProposalRefused(proposal=IDEA, reasons=(Reason(
                    code="daily_loss", value="212", limit="200", remedy="Wait.",
                    sentence="Today's loss is 212 USDT, 200 are allowed."),))),
            )), DEMO, BOOKS, NOW, {})[0],
        "14_score": answer[0],
        "14_score_answers": answer[1],
        "14_score_rules": answer[2],
        "14_score_critic": answer[3],
        "14_score_fates": answer[4],
        "14_score_exits": answer[5],
        "14_served": alerts.alert(entry(e.ModelServed(
            advisor="M-12AB", symbols=(BTC_BOOK.symbol, ETH), why="It was registered: it is watched and scored, it "
            "proposes nothing until somebody lets it.")), heard(Severity.NORMAL), DEMO, BOOKS, NOW),
        "14_corrected": alerts.alert(entry(e.EvidenceCorrected(
            advisor="M-12AB", group="all", was_skill=D("3.5"), now_skill=D("0.4121"), was_outcomes=60,
            now_outcomes=60)), heard(Severity.WARNING), DEMO, BOOKS, NOW),
        "14_models": autonomy.models((VERSION,), MEMBERS, COST, DEMO, NOW),
        "14_ask": autonomy.views(ETH, VIEWS, ETH_BOOK, DEMO, BOOKS),
    }


def cards() -> dict[str, Card]:
    """Draw every sample by name."""
    raised = Raised(proposal=TYPED, plan=Plan(terms=TYPED.terms, reference=D("60548.2"), preview=PREVIEW, summary="s"))
    waiting = replace(ORDER, state=OrderState.OPEN, filled=D(0), average_price=None)
    part = replace(ORDER, state=OrderState.PARTLY_FILLED, filled=D("0.02"))
    doubt = replace(waiting, state=OrderState.IN_DOUBT)
    rejected = replace(waiting, state=OrderState.REJECTED, reason="balance too low <42>")
    alarm = {"words": "BTC long has no stop", "since": NOW.isoformat(), "rounds": 2, "chats": [7001]}
    day = reports.DayReport(at=NOW, coin="USDT", net=D("118.40"), equity=D("10118.40"), trades=14, won=9,
                            fees=D("12.31"), funding=D("1.84"), best=("BTC long", D("61.20")),
                            worst=("ETH short", D("-24.75")), drawdown=D("-0.62"), ai_cost=D("0.11"))
    return {
        "01_welcome": portfolio.welcome(VIEW, SANDBOX, "Ana", real=False),
        "02_dashboard": dashboard.dashboard(BOARD, DEMO, 7001),
        "03_positions": portfolio.positions(HELD, DEMO),
        "03_positions_table": portfolio.compact(HELD, DEMO),
        "04_position": portfolio.position(HELD[0], LIVE, NOW, opened_by="trend-4h, approved by Ana"),
        "04_position_naked": portfolio.position(HELD[2], DEMO, NOW),
        "05_ticket": trade.ticket(raised, DEMO, BOOKS, NOW, last=D("60548.2")),
        "06_approval": proposals.approval(
            Tale(proposal=IDEA, raised=RAISED, names={}), DEMO, BOOKS, NOW, needed=2),
        "06_agent": proposals.approval(
            Tale(proposal=AGENT, raised=replace(RAISED, proposal=AGENT), names={}), DEMO, BOOKS, NOW, needed=2),
        "06_shrunk": proposals.approval(
            Tale(proposal=IDEA, raised=replace(RAISED, shrunk=SHRUNK, record=RECORD), names={}), DEMO, BOOKS, NOW),
        "06_close": proposals.approval(Tale(proposal=CUT, raised=e.ProposalRaised(proposal=CUT), names={}), DEMO, BOOKS,
                                       NOW),
        "06_tighten": proposals.approval(Tale(proposal=NEARER, raised=e.ProposalRaised(proposal=NEARER), names={}),
                                         DEMO, BOOKS, NOW),
        "06_signal": proposals.approval(
            Tale(proposal=FOREIGN, raised=FOREIGN_RAISED, names={}), DEMO, BOOKS, NOW),
        "06_signal_stopless": proposals.approval(
            Tale(proposal=STOPLESS, raised=STOPLESS_RAISED, names={}), DEMO, BOOKS, NOW),
        "07_order_sending": orders.outcome(tale(None, ProposalState.APPROVED), DEMO, BOOKS, NOW),
        "07_order_waiting": orders.outcome(tale(waiting), DEMO, BOOKS, NOW),
        "07_order_partly": orders.outcome(tale(part), DEMO, BOOKS, NOW),
        "07_order_doubt": orders.outcome(tale(doubt), DEMO, BOOKS, NOW),
        "07_order_rejected": orders.outcome(tale(rejected), DEMO, BOOKS, NOW),
        "07_order_filled": orders.outcome(tale(ORDER), DEMO, BOOKS, NOW),
        "08_warning": alerts.alert(
            entry(e.LimitNear(code="daily_loss", value=D("148.2"), limit=D(200))), heard(Severity.WARNING), DEMO, BOOKS,
            NOW),
        "09_critical": alerts.alert(HALTED, heard(Severity.CRITICAL), DEMO, BOOKS, NOW),
        "09_critical_again": alarms.repeat_card(41, alarm, DEMO),
        "09_flat": control.flat(FlatReport(rounds=1, canceled=7, closed=3, residuals=(), flat=True, proven=True), "Ana",
                                DEMO),
        "10_refusal": control.refusal(
            refuse("size_too_small", "You asked for 0.00005 BTC; the smallest order is 0.0001 (about 6.05 USDT).",
                   "Ask for 0.0001 or more."), DEMO, ref="e-19c4", reuse="/long BTC 0.0001", topic="orders"),
        "11_daily": reports.daily(day, DEMO),
        "11_profit": reports.profit((PERIOD,), DEMO, "7 days"),
        "12_wizard": trade.step(
            DEMO, number=2, of=4, noun="size", so_far="BTC long, limit 60,500 · free 5,797 USDT",
            question="Pick how much to risk if the stop is hit, or type a size such as 0.05 or 3000 usdt.",
            choices=(("0.25%", "r025"), ("0.5%", "r05"), ("1%", "r1")),
            shown=(("0.25%", "0.0357", "-25 USDT"), ("0.50%", "0.0714", "-50 USDT"), ("1.00%", "0.1428", "-100 USDT")),
            token="w1"),
        **of_autonomy(),
        "06_approval_veto": proposals.approval(
            Tale(proposal=IDEA, raised=RAISED, names={}, sends_at=NOW + timedelta(seconds=60)), DEMO, BOOKS, NOW,
            needed=2),
        "07_order_outcome": orders.outcome(replace(tale(ORDER), outcome=OUTCOME), DEMO, BOOKS, NOW),
        "13_price": market.quote(TICKER, BTC_BOOK, DEMO, NOW),
        "13_digest": alerts.digest(
            ((NOW, "Stream lost: USDT"), (NOW, "Filled: bought 0.050 BTC @ 60,499.8")), DEMO)[0],
        "13_help": help.topic("Trading", (help.HelpLine(name="long", usage="/long sym size", what="Open or add long",
                                                        example="/long btc $100 5x sl 2%"),), DEMO),
    }
