"""Talk with people: Telegram in, Telegram out; holds no trading state."""
from __future__ import annotations

import sys

# The bot library looks for a cipher library with which to read passports sent to a bot. Nobody sends any here, and
# where that library is installed for something else it would cost every desk 8 MB: for this import it is not there.
_known = sys.modules.get("cryptography")
sys.modules["cryptography"] = None  # type: ignore[assignment]
try:
    import telegram  # noqa: F401
finally:
    if _known is None:
        del sys.modules["cryptography"]
    else:
        sys.modules["cryptography"] = _known
