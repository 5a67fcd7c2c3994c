from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.ids import PersonId, ProposalId, RequestKey, Symbol
from bot.domain.intent import Attached, Direction, Effect
from bot.domain.proposal import (
    Action,
    Drift,
    Leg,
    Origin,
    OriginKind,
    Proposal,
    ProposalState,
    Terms,
    button_digest,
    drift,
    effect_of,
    purpose_of,
    revise,
    terms_digest,
)
from bot.domain.trading import Environment, Purpose
from tests.domain.builders import BTC, DESK, NOON, D, after, intent

TERMS = Terms(
    account=DESK, environment=Environment.SANDBOX, action=Action.PLACE, symbol=BTC, direction=Direction.LONG,
    legs=(Leg(child="entry", intent=intent(attached=Attached(stop=D(90)))),),
)


def proposal(**changes: Any) -> Proposal:
    usual = Proposal(
        id=ProposalId("K7Q2M4X9TB"), account=DESK, request_key=RequestKey("tg:1:2"),
        origin=Origin(kind=OriginKind.ADVISOR, name="rules"), terms=TERMS, reference_price=D(100),
        drift_allowed=D("0.25"), drift_in_r=True, raised_at=NOON, expires_at=after(240),
    )
    return replace(usual, **changes)


def test_the_digest_is_stable_and_fits_a_button() -> None:
    assert len(terms_digest(proposal())) == 64
    assert terms_digest(proposal()) == terms_digest(proposal(state=ProposalState.CLAIMED, version=9))
    assert button_digest(proposal()) == terms_digest(proposal())[:8]
    assert len(f"p:K7Q2M4X9TB:y:{button_digest(proposal())}") == 23


def entry(**changes: Any) -> Terms:
    return replace(TERMS, legs=(Leg(child="entry", intent=replace(TERMS.legs[0].intent, **changes)),))


@pytest.mark.parametrize(
    "other",
    [
        proposal(terms=entry(size=D(3))),
        proposal(terms=entry(attached=Attached(stop=D(89)))),
        proposal(terms=entry(direction=Direction.SHORT)),
        proposal(terms=entry(symbol=Symbol("ETHUSDT"))),
        proposal(terms=replace(TERMS, leverage=D(5))),
        proposal(terms=replace(TERMS, environment=Environment.LIVE)),
        proposal(terms=replace(TERMS, account="other")),  # type: ignore[arg-type]
        proposal(terms=replace(TERMS, waiver="I watch it")),
        proposal(revision=1),
        proposal(id=ProposalId("AAAAAAAAAA")),
        proposal(expires_at=after(241)),
        proposal(reference_price=D(101)),
        proposal(drift_allowed=D("0.5")),
    ],
)
def test_everything_a_yes_authorises_is_in_the_digest(other: Proposal) -> None:
    """FF-113, C1a: no changed term hides behind an old button."""
    assert button_digest(other) != button_digest(proposal())


@pytest.mark.parametrize(
    ("price", "expected"),
    [("100", Drift.WITHIN), ("102.5", Drift.WITHIN), ("102.6", Drift.CHASING), ("95.1", Drift.WITHIN),
     ("95", Drift.AGAINST), ("80", Drift.AGAINST)],
)
def test_drift_is_measured_in_the_risk_of_the_trade(price: str, expected: Drift) -> None:
    """Advisor section 10: -0.5R < d <= 0.25R passes."""
    assert drift(proposal(), D(price)) is expected


def test_drift_of_a_short_is_mirrored_and_a_fraction_without_r() -> None:
    short = proposal(terms=replace(TERMS, direction=Direction.SHORT), drift_in_r=False, drift_allowed=D("0.01"))
    assert drift(short, D("98.9")) is Drift.CHASING
    assert drift(short, D("101.9")) is Drift.WITHIN
    assert drift(short, D(102)) is Drift.AGAINST
    assert drift(proposal(reference_price=None), D(1)) is Drift.WITHIN


CLOSING = Leg(child="close", intent=intent(effect=Effect.CLOSE))


@pytest.mark.parametrize(
    ("terms", "effect"),
    [
        (TERMS, Effect.OPEN),
        (replace(TERMS, action=Action.CLOSE, legs=(CLOSING,)), Effect.CLOSE),
        (replace(TERMS, action=Action.CANCEL, legs=()), Effect.CLOSE),
        (replace(TERMS, action=Action.REVERSE, legs=(CLOSING, *TERMS.legs)), Effect.OPEN),
        (replace(TERMS, action=Action.PLACE, legs=(CLOSING,)), Effect.CLOSE),
        (replace(TERMS, action=Action.LEVERAGE, legs=()), Effect.OPEN),
        (replace(TERMS, action=Action.PROTECT, legs=()), Effect.CLOSE),
        (replace(TERMS, action=Action.PROTECT, legs=(), waiver="x"), Effect.OPEN),
    ],
)
def test_what_could_increase_exposure_opens(terms: Terms, effect: Effect) -> None:
    assert effect_of(terms) is effect


def test_a_revision_is_another_offer() -> None:
    """Votes and buttons of the earlier revision are void."""
    claimed = proposal(state=ProposalState.CLAIMED, version=3)
    next_one = revise(claimed, entry(size=D(1)), expires_at=after(300), reference_price=D(101))
    assert (next_one.revision, next_one.version, next_one.state) == (1, 4, ProposalState.AWAITING)
    assert next_one.reference_price == D(101)
    assert revise(claimed, TERMS, expires_at=after(300)).reference_price == D(100)
    assert terms_digest(revise(claimed, TERMS, expires_at=claimed.expires_at)) != terms_digest(claimed)


def test_origins_map_to_purposes() -> None:
    purposes = {kind: purpose_of(Origin(kind=kind, name="x", person=PersonId(1))) for kind in OriginKind}
    assert purposes[OriginKind.PERSON] is purposes[OriginKind.LOCAL] is Purpose.PERSON
    assert purposes[OriginKind.SYSTEM] is Purpose.PROTECTION
    assert purposes[OriginKind.ADVISOR] is purposes[OriginKind.SIGNAL] is Purpose.AUTOMATION
