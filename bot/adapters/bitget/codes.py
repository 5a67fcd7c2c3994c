"""Read the venue's codes: code to kind of failure, and what a kind means for a write. The only table of its kind.

Sources: errors.md section 3; where they differ for writes, field_failures appendix 1 wins. A code not listed here is
UNKNOWN: for a write that is ambiguous, never a refusal.
"""
from __future__ import annotations

from enum import Enum

SUCCESS = "00000"


class Kind(Enum):
    """The family of a failure, as errors.md section 3 groups them."""

    RATE = "too many requests"
    REQUEST = "a parameter the venue does not accept"
    NOT_FOUND = "no such order"
    NOTHING_TO_CANCEL = "nothing to cancel"
    NO_POSITION = "no position"
    NOTHING_TO_CLOSE = "nothing to close"
    UNAVAILABLE = "the symbol cannot be traded now"
    PRICE = "the price is outside the allowed band"
    AUTH = "the key was not accepted"
    STALE_CLOCK = "the timestamp was too old"
    LEVERAGE = "the leverage or margin mode cannot change"
    POSITION_LIMIT = "a position limit"
    ENVIRONMENT = "demo and live are mixed up"
    MINIMUM = "too small"
    MAXIMUM = "too large"
    PRECISION = "not a multiple of the step"
    RISK_CONTROL = "the venue's risk control or deleveraging"
    LIQUIDITY = "not enough in the book"
    SYSTEM = "a fault on the venue's side"
    TIMEOUT = "the venue timed out"
    ACCOUNT = "the account is restricted"
    WORLD = "classic and unified account are mixed up"
    SYMBOL = "no such symbol"
    MAINTENANCE = "maintenance"
    FUNDS = "not enough funds"
    ORDER_LIMIT = "too many open orders"
    DUPLICATE_ID = "the client order id is known already"
    POSITION_SIZE = "the position is too small"
    POSITION_MODE = "the request does not fit the position mode"
    ORDER_STATE = "the order is in another state"
    ALREADY_FINAL = "the order is already final"
    UNCHANGED = "already so"
    PERMISSION = "the key or account may not do this"
    STREAM = "a socket refusal"
    REGION = "not offered in this region"
    ORDER_TYPE = "this order type is not taken now"
    TRIGGER_PRICE = "the trigger is on the wrong side of the price"
    GUARD_EXISTS = "such a guard exists already"
    UNKNOWN = "a code without a meaning here"


_WORDS = {
    Kind.RATE: "429 25004 40918 43036 45129",
    Kind.REQUEST: (
        "00001 00171 00172 01001 01002 01003 20001 20002 22003 22005 22011 22012 22042 25002 25200 40007 40017 40019 "
        "40020 40053 40054 40057 40058 40059 40064 40079 40303 40304 40305 40306 40402 40404 40408 40409 40704 40705 "
        "40707 40716 40724 40778 40805 40806 40808 40811 40812 40813 40847 40874 40875 40902 40912 40913 40919 40924 "
        "40925 41100 41101 42072 43011 43032 43048 43049 43111 45025 45051 45052 45102 48001 48002 50004 400172"
    ),
    Kind.NOT_FOUND: "25204 31007 40109 40768 40819 43001 43020 43025 43033 45057 80011",
    Kind.NOTHING_TO_CANCEL: "22001 43004",
    Kind.NO_POSITION: "25601 40709 40802 40837 40838 45068",
    Kind.NOTHING_TO_CLOSE: "22002 25227 43043",
    Kind.UNAVAILABLE: (
        "22004 22039 22040 22041 22056 25013 25101 25103 25104 25105 40309 40845 41113 43119 43120 45119"
    ),
    Kind.PRICE: (
        "22006 22007 22008 22009 22046 22047 25205 25206 40706 40718 40719 40748 40815 40816 40820 40821 41117 43008 "
        "43009 45121"
    ),
    Kind.AUTH: "22010 25005 40001 40002 40003 40005 40006 40009 40011 40012 40016 40036 40037 40041 49000",
    Kind.STALE_CLOCK: "40004 40008 40078 40911",
    Kind.LEVERAGE: "22020 25223 25228 40730 40893 40914 43050 45044 45045 45097 45117",
    Kind.POSITION_LIMIT: "22029 25230 25233 40921 40928 45116 45120",
    Kind.ENVIRONMENT: "22030 22035 40081 40099 40105 40110",
    Kind.MINIMUM: "22034 25207 25611 43006 43010 43027 45110 45111 45114",
    Kind.MAXIMUM: "25208 43007 45103 45104 45112 45113",
    Kind.PRECISION: "22038 25244 40787 41103 43028 45035 45115",
    Kind.RISK_CONTROL: "22043 22044 22067 25008 25012 40879 40880 40931 45009",
    Kind.LIQUIDITY: "22045 25209 25210 40720 40722 40825 40826",
    Kind.SYSTEM: (
        "25000 25003 40015 40074 40725 40823 40842 40846 40878 40908 43002 43059 45001 45017 45023 45024 50031 70229"
    ),
    Kind.TIMEOUT: "25001 40010 40910",
    Kind.ACCOUNT: "25006 25007 40013 40022 40023 40024 40026 40031 40710 40752 40753 40760 40807 40916 45019",
    Kind.WORLD: "25009 25010 25107 25245 40084 40085",
    Kind.SYMBOL: "25100 40034 40072 40102 40822",
    Kind.MAINTENANCE: "25102 25106 25108 40200 40308 40839 40844 41114 43115 45043",
    Kind.FUNDS: "25202 25203 40711 40712 40754 40756 40762 40798 40800 40801 43012 45002 50020",
    Kind.ORDER_LIMIT: "25211 25599 40715 40723 40761 40889 40890 40930 43005 43071 43128 45118",
    Kind.DUPLICATE_ID: "25212 40708 40786 43118 45034 50060",
    Kind.POSITION_SIZE: (
        "25225 25231 25232 40717 40755 40757 40758 40765 40804 40891 40939 43023 43029 45003 45005 45006"
    ),
    Kind.POSITION_MODE: "25236 25237 40774 40872 40920 43075 45020 45021 45109",
    Kind.ORDER_STATE: "25568 40764 40896 40922 43024 45056",
    Kind.ALREADY_FINAL: "43021 43026 45031 45055 50062",
    Kind.UNCHANGED: "25571 40814 40923 45054",
    Kind.PERMISSION: (
        "25620 31001 40014 40018 40025 40038 40040 40068 40199 40301 40731 40775 45107 45108 49003 70227"
    ),
    Kind.STREAM: "30001 30002 30003 30004 30005 30006 30007 30011 30012 30013 30014 30015 30016",
    Kind.REGION: "40000 40100 40101 40103 40104",
    Kind.ORDER_TYPE: "40721 40824 45123",
    Kind.TRIGGER_PRICE: (
        "40829 40830 40831 40832 40833 40834 40835 40836 40895 40915 40917 43013 43014 43015 43016 43034 43035 45060 "
        "45061 45062 45064 45065 45066 45067 45122"
    ),
    Kind.GUARD_EXISTS: "43030 43031",
}
KINDS = {code: kind for kind, codes in _WORDS.items() for code in codes.split()}

# Busy or unfinished answers: the venue may have acted all the same (appendix 1, FF-57).
_BUSY = "429 25000 25001 25003 25004 40010 40015 40200 40725 40908 40910 43002 43059 45001 45023 45024 50031 70229"
_UNFINISHED = frozenset(_BUSY.split())

SENTENCES = {
    Kind.AUTH: "The key, its secret or its passphrase is wrong; create a new key and enter all three again.",
    Kind.STALE_CLOCK: "This machine's clock and the exchange's differ too much; set the clock and try again.",
    Kind.ENVIRONMENT: "A demo key works only in the demo environment and a live key only in the live one.",
    Kind.WORLD: "The account is of the other generation (classic or unified) than this connection speaks.",
    Kind.FUNDS: "There is not enough free margin; use a smaller size or add funds.",
    Kind.MINIMUM: "The order is below the contract's minimum; use a larger size.",
    Kind.MAXIMUM: "The order is above the contract's maximum; use a smaller size or several orders.",
    Kind.POSITION_MODE: "One-way and hedge mode do not match; the mode is read again before the next order.",
    Kind.TRIGGER_PRICE: "The trigger lies on the wrong side of the current price; move it.",
    Kind.LEVERAGE: "Open orders or positions stand in the way; cancel or close them first.",
    Kind.NO_POSITION: "There is no position for this; it may have closed in the meantime.",
    Kind.NOTHING_TO_CLOSE: "There is no position to close; it may have closed in the meantime.",
    Kind.REGION: "The exchange does not offer this from here.",
    Kind.MAINTENANCE: "The exchange is in maintenance; wait until it is over.",
    Kind.RISK_CONTROL: "The exchange is deleveraging or liquidating here; wait and read the position again.",
}
CODE_SENTENCES = {
    "40006": "The key is not known; copy the API key again, or create a new one.",
    "40037": "The key is not known, or was deleted; copy the API key again, or create a new one.",
    "40009": "The secret does not belong to this key; enter the secret again, or create a new key.",
    "40012": "The passphrase (or the key) is wrong; enter the passphrase you chose for this key.",
    "40014": "The key lacks a right; futures orders and futures positions are both needed.",
    "40018": "The key is bound to other addresses; add this machine's address to it.",
    "40038": "The key is bound to other addresses; add this machine's address to it.",
    "22010": "The exchange wants the key bound to an address; bind it and try again.",
    "40199": "Keys of lead traders may not use this; use a key of another account.",
    "40731": "This is a copy-trading account; use a key of another account.",
    "40920": "Positions or orders exist; the position mode can change only when there are none.",
    "45117": "Positions or orders of this symbol exist; the margin mode can change only when there are none.",
    "22004": "The exchange takes no orders for this symbol over the API.",
    "45107": "The exchange takes no opening orders over the API for this account; closing works.",
}


def kind_of(code: str) -> Kind:
    """Name the kind of a code; UNKNOWN for a code without an entry."""
    return KINDS.get(code, Kind.UNKNOWN)


def ambiguous(code: str) -> bool:
    """Tell whether a write answered with this code may have been carried out: busy, duplicate id, unknown code.

    Such a write is asked about, never sent again (R4, R7, FF-11, FF-57).
    """
    return code in _UNFINISHED or kind_of(code) in (Kind.DUPLICATE_ID, Kind.UNKNOWN, Kind.STREAM)


def worth_another_read(code: str) -> bool:
    """Tell whether a read answered with this code may be tried again: busy, maintenance, risk handling, old stamp."""
    return code in _UNFINISHED or kind_of(code) in (Kind.SYSTEM, Kind.TIMEOUT, Kind.RATE, Kind.STALE_CLOCK)


def sentence(code: str) -> str | None:
    """Say for a person what to do about a code; None where the venue's own words suffice."""
    return CODE_SENTENCES.get(code) or SENTENCES.get(kind_of(code))
