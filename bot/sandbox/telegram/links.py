"""Which addresses Telegram accepts as links, and how it writes them."""
from __future__ import annotations

import re
from urllib.parse import urlsplit

_KNOWN = (
    "ac ad ae af ag ai al am ao ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bv bw by bz ca cc "
    "cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga "
    "gb gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo "
    "jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr "
    "ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re "
    "ro rs ru rw sa sb sc sd se sg sh si sj sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to "
    "tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw com org net edu gov mil int info biz "
    "name pro app dev xyz online site shop blog cloud tech store club live news today world trade trading finance "
    "fund money market exchange cash bank capital ninja rocks zip mov page wiki link "
)
TOP_LEVEL = frozenset(_KNOWN.split())
_IP = re.compile(r"\d{1,3}(\.\d{1,3}){3}")
_DOMAIN = re.compile(r"(?=.{1,253}$)[\w-]+(\.[\w-]+)*\.[^\W\d_]{2,}")


def is_ip(host: str) -> bool:
    """Tell whether the host is four numbers of at most 255."""
    return _IP.fullmatch(host) is not None and all(int(part) <= 255 for part in host.split("."))


def checked(url: str) -> str | None:
    """Return the address as Telegram stores it, or None where it drops the link (bot_api.md 7.2)."""
    url = url.strip()
    if not url or any(c.isspace() for c in url):
        return None
    scheme, separator, rest = url.partition("://")
    if not separator:
        if re.match(r"[a-z][a-z0-9+]*:(?!\d+(/|$))", url, re.I):
            return None
        scheme, rest = "http", url
    scheme = scheme.lower()
    if scheme in ("tg", "ton", "tonsite"):
        return f"{scheme}://{rest}"
    if scheme not in ("http", "https"):
        return None
    try:
        parts = urlsplit(f"{scheme}://{rest}")
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return None
    if not (is_ip(host) or _DOMAIN.fullmatch(host)):
        return None
    netloc = host if port is None else f"{host}:{port}"
    tail = f"?{parts.query}" if parts.query else ""
    tail += f"#{parts.fragment}" if parts.fragment else ""
    return f"{scheme}://{netloc}{parts.path or '/'}{tail}"


def mentioned_user(url: str) -> int | None:
    """Return the id of `tg://user?id=N`, or None."""
    found = re.fullmatch(r"tg:(?://)?user/?\?id=(\d{1,19})", url.strip(), re.I)
    return int(found[1]) if found else None


def is_loopback(url: str) -> bool:
    """Tell whether an address stays on this machine."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return host in ("localhost", "::1") or host.startswith("127.")
