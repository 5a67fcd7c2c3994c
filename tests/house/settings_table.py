"""Write the settings into README.md and .env.example from their one source: `python -m tests.house.settings_table`."""
from __future__ import annotations

import re
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

from bot.settings import PREFIX, Settings
from tests.house.tree import ROOT

BEGIN, END = "<!-- settings: written by python -m tests.house.settings_table -->", "<!-- end of settings -->"
BETWEEN = re.compile(re.escape(BEGIN) + r".*?" + re.escape(END), re.DOTALL)
# The first setting of each section, and the section's title.
SECTIONS = {
    "environment": "Where and whose",
    "bitget_key": "Exchange",
    "telegram_token": "Chat and signals",
    "model_url": "Models",
    "default_stop": "Protection, and ceilings no chat can raise",
    "send_delay_max_s": "Times (seconds) and other numbers",
}
HEAD = """\
# Copy to .env (chmod 600 .env) and remove the # before what you set. The environment wins over this file.
# For real trading set four values: WIREDESK_BITGET_KEY, _SECRET, _PASSPHRASE and WIREDESK_TELEGRAM_TOKEN.
"""


def spelled(value: Any) -> str:
    """Write a default the way it would be set; an empty string for None."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ",".join(spelled(part) for part in value)
    return f"{value:g}" if isinstance(value, float) and value < 1e6 else str(value if not isinstance(value, Decimal)
                                                                            else f"{value:f}")


def table() -> str:
    """Give the Markdown tables of all settings, one per section."""
    lines = []
    for name, field in Settings.model_fields.items():
        if name in SECTIONS:
            lines += ["", f"**{SECTIONS[name]}**", "", "| setting | default | meaning |", "| --- | --- | --- |"]
        default = spelled(field.default)
        lines.append(f"| `{PREFIX}{name.upper()}` | {f'`{default}`' if default else ''} | {field.description} |")
    return "\n".join(lines).strip()


def example() -> str:
    """Give the text of .env.example: every setting, commented out, with its default."""
    lines = [HEAD]
    for name, field in Settings.model_fields.items():
        if name in SECTIONS:
            lines += ["", f"# --- {SECTIONS[name]}"]
        words = str(field.description).replace("`", "")
        lines += [f"# {words}", f"#{PREFIX}{name.upper()}={spelled(field.default)}"]
    return "\n".join(lines) + "\n"


def readme(text: str) -> str:
    """Put the present table between the marks of a README."""
    return BETWEEN.sub(lambda _: f"{BEGIN}\n{table()}\n{END}", text)


def main(root: Path = ROOT) -> int:
    """Rewrite both files; give the exit code."""
    file = root / "README.md"
    file.write_text(readme(file.read_text(encoding="utf-8")), encoding="utf-8")
    (root / ".env.example").write_text(example(), encoding="utf-8")
    print(f"{len(Settings.model_fields)} settings written.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
