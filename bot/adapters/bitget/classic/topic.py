"""Name what can be subscribed to: a channel of one product line, for one symbol or for all."""
from __future__ import annotations

from dataclasses import dataclass

from bot.adapters.bitget.classic.words import LINE_WORDS
from bot.domain.instrument import ProductLine

LINES = {word: line for line, word in LINE_WORDS.items()}
ALL = "default"
# The account channel alone names its argument `coin`, and takes no other value than `default` (websocket.md 7).
BY_COIN = frozenset({"account"})
WITHOUT_ARGUMENT = frozenset({"equity"})

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One subscription; `symbol` is ALL on private channels."""

    line: ProductLine
    channel: str
    symbol: str = ALL

    def __hash__(self) -> int:
        # Without the line, whose own hash costs more than all the rest; each push asks for this one.
        return hash((self.channel, self.symbol))

    @property
    def key(self) -> Key:
        """Give what an acknowledgement or push is matched by."""
        return (LINE_WORDS[self.line], self.channel, self.symbol)

    def argument(self) -> dict[str, str]:
        """Write the subscription argument of the wire (websocket.md sections 4 and 7)."""
        argument = {"instType": LINE_WORDS[self.line], "channel": self.channel}
        if self.channel in BY_COIN:
            argument["coin"] = self.symbol
        elif self.channel not in WITHOUT_ARGUMENT:
            argument["instId"] = self.symbol
        return argument


def key_of(argument: object) -> Key | None:
    """Read the key out of an `arg` object; None where it names no line and channel."""
    if type(argument) is not dict:
        return None
    line, channel = argument.get("instType"), argument.get("channel")
    symbol = argument.get("instId") or argument.get("coin") or ALL
    if type(line) is not str or type(channel) is not str or type(symbol) is not str:
        return None
    return (line, channel, symbol)
