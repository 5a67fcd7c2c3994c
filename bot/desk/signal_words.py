"""Know the words of signals in the languages people write them in: labels, sides, fillers, names of coins. Pure."""
from __future__ import annotations

import re

# A label is no part of a longer word, but digits may touch it ("TP1", "目标1").
_BEFORE, _AFTER = r"(?<![^\W\d_])(?<!\d)", r"(?![^\W\d_])"

STOP = (
    r"stop[\s_-]*loss(?:es)?", r"stop[\s_-]*p[eé]rdida", r"stop[\s_-]*price", r"stop", r"s\s?/\s?l", r"sl",
    r"inv[aá]lidation", r"invalidation", r"стоп[\s-]*лосс?", r"стоп", r"сл", r"zarar[\s-]*(?:kes|durdur)\w*", r"止损",
    r"止損", r"حد\s*ضرر", r"استاپ", r"وقف\s*(?:ال)?خسارة", r"손절가?", r"損切り?",
)
TARGETS = (
    r"(?:sell|buy|short|long|profit|exit)[\s_-]*targets?", r"take[\s_-]*profits?(?:[\s_-]*targets?)?", r"targets?",
    r"t\s?/\s?p", r"tps?", r"tgts?", r"цел[ьи]", r"тейк(?:[\s-]*профит)?[ыаи]?", r"тп", r"objetivos?", r"objectifs?",
    r"toma\s*de\s*ganancias?", r"ziele?", r"hedef(?:ler)?", r"k[aâ]r\s*al", r"obiettiv[oi]", r"cele?", r"止盈", r"目标",
    r"目標", r"اهداف", r"الأهداف", r"اهداف", r"هدف", r"تارگت", r"목표가?", r"利確", r"t(?=\d{1,2}\s*[:=)\-–—@])",
)
ENTRY = (
    r"entry[\s_-]*(?:zone|price|range|area|level|point|targets?|orders?|limit)?s?", r"entries", r"enter(?:[\s_-]*at)?",
    r"(?:buy|sell|long|short|open)[\s_-]*(?:zone|range|area|between|limit|entry|price|at|around|near)s?", r"cmp",
    r"вход(?:\s*(?:от|по|в\s*зоне))?", r"точка\s*входа", r"твх", r"entrada", r"einstieg", r"giri[sş]", r"entr[ée]e",
    r"ingresso", r"wej[sś]cie", r"入场(?:价|点)?", r"入場", r"进场(?:价|点)?", r"開倉", r"开仓",
    r"نقطه\s*ورود", r"ورود", r"(?:نقطة\s*)?(?:ال)?دخول", r"진입가?", r"エントリー", r"@",
)
LEVERAGE = (
    r"leverage", r"lev", r"плечо", r"apalancamiento", r"hebel", r"kald[ıi]ra[çc]", r"levier", r"leva", r"dźwignia",
    r"杠杆", r"槓桿", r"اهرم", r"لوریج", r"(?:ال)?رافعة", r"레버리지", r"レバレッジ",
)


LABEL = re.compile(
    "|".join(
        f"(?P<{name}>{_BEFORE}(?:{'|'.join(words)}){_AFTER})"
        for name, words in (("stop", STOP), ("targets", TARGETS), ("entry", ENTRY), ("leverage", LEVERAGE))
    ),
    re.IGNORECASE,
)
# What long and short words say; the strong ones overrule "buy" and "sell", which labels also use.
STRONG_LONG = r"long|лонг|largo|做多|开多|開多|لانگ|롱|ロング"
STRONG_SHORT = r"short(?![\s-]*term)|шорт|corto|做空|开空|開空|شورت|숏|ショート"
WEAK_LONG = (
    r"buy|bullish|покупка|покупаем|купить|compra|comprar|kauf|kaufen|achat|al[ıi]ş|买入|買入|خرید"
    r"|شراء|매수|買い"
)
WEAK_SHORT = (
    r"sell|bearish|продажа|продаем|продать|venta|vender|verkauf|verkaufen|vente|sat[ıi]ş|卖出|賣出|فروش"
    r"|بيع|매도|売り"
)
SIDE = re.compile(
    f"(?P<long>{_BEFORE}(?:{STRONG_LONG})(?![\\s-]*term){_AFTER})|(?P<short>{_BEFORE}(?:{STRONG_SHORT}){_AFTER})"
    f"|(?P<buy>{_BEFORE}(?:{WEAK_LONG}){_AFTER})|(?P<sell>{_BEFORE}(?:{WEAK_SHORT}){_AFTER})",
    re.IGNORECASE,
)
MARKET = re.compile(
    rf"{_BEFORE}(?:at\s+market|market(?:\s*(?:price|order))?|current\s+price|now|по\s+рынку|рынок|mercado|markt|piyasa"
    rf"|市价|市價|现价|現價|بازار|시장가|成行){_AFTER}",
    re.IGNORECASE,
)
ABOVE = re.compile(
    rf"{_BEFORE}(?:(?:on\s+)?(?:a\s+)?break(?:s|out)?(?:\s+(?:above|over|of))?|above|over|выше|пробой|突破){_AFTER}",
    re.IGNORECASE,
)
BELOW = re.compile(
    rf"{_BEFORE}(?:(?:on\s+)?(?:a\s+)?break(?:s|down)?(?:\s+(?:below|under|of))?|below|under|ниже|пробой|跌破){_AFTER}",
    re.IGNORECASE,
)
TIMES = re.compile(
    r"(?<![\w.])(?:(?P<a>\d{1,3})(?:\s*[-–—~]\s*(?P<most>\d{1,3}))?\s*[xх×✕倍]|[xх×✕](?P<b>\d{1,3}))(?![^\W_]|\.\d)",
    re.IGNORECASE,
)
# What ends a trade and begins none.
CLOSES = re.compile(
    rf"{_BEFORE}(?:close[ds]?|closing|exit(?:ed|ing)?|закр\w+|cerrar|cierre|schlie(?:ss|ß)en|fermer|kapat|平仓){_AFTER}",
    re.IGNORECASE,
)
MARGIN = re.compile(rf"{_BEFORE}(?P<word>cross(?:ed)?|isolated|iso|кросс|изол\w*){_AFTER}(?:\s+margin)?", re.IGNORECASE)
QUOTED_PAIR = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Za-z]{3,12}:)?[#$]?(?P<base>[A-Za-z0-9]{1,15}?)[ ]?[/_:\-]?[ ]?(?P<quote>USDT|USDC|USD)"
    r"(?:[.\-_ ]?(?:P|PERP|SWAP|UMCBL|M))?(?![A-Za-z0-9])",
    re.IGNORECASE,
)
TAGGED = re.compile(r"[#$](?P<base>[A-Za-z][A-Za-z0-9]{1,11}|1000[A-Za-z]{2,8})(?![A-Za-z0-9])")
BARE = re.compile(r"(?<![A-Za-z0-9#$@])(?P<base>[A-Za-z]{2,10}|1000[A-Za-z]{2,8})(?![A-Za-z0-9])")
COINS = {
    "bitcoin": "BTC", "биткоин": "BTC", "биткойн": "BTC", "比特币": "BTC", "بیت‌کوین": "BTC", "ethereum": "ETH",
    "эфир": "ETH", "эфириум": "ETH", "以太坊": "ETH", "solana": "SOL", "ripple": "XRP", "dogecoin": "DOGE",
}
COIN = re.compile("|".join(rf"{_BEFORE}{word}{_AFTER}" for word in COINS), re.IGNORECASE)
# Words that stand where a coin could and are none.
NO_COIN = frozenset(re.split(r"\s+", (
    "long short buy sell entry enter stop loss target targets tp sl at now market limit price zone leverage lev cross "
    "isolated iso signal signals vip free new trade setup scalp swing spot futures perp coin pair direction side type "
    "position open close the and or of to in on by for with crypto binance bybit bitget okx usdt usdc usd perpetual "
    "exchange update alert alerts risk profit take hit gem daily hourly bullish bearish term action order"
)))
FILLER = re.compile(
    r"(?:[\s:=\-–—−~,;/|@$€£₮₿()\[\]{}<>•*·+&→⇒➡✅☑✔🎯🚀📈📉🟢🔴⚡💰🔥📌🔹🔸▪▫◾◽👉🛑⛔❌🏁💎🥇🥈🥉⬆⬇↗↘\u200d\ufe0f\"'`、。，：；（）»«]"
    r"|(?<!\d)\.(?!\d)|(?<![^\W\d_])(?:usdt|usdc|usd|to|and|und|y|et|и|до|или|or|between|around|near|from|от|по|zone|level|price|at|is"
    r"|in|the|range|area|point|価格|价格|pair|coin|symbol|ticker|direction|side|type|position|trade|пара|монета|направление"
    r"|par|moneda|richtung|交易对|币种|方向)(?![^\W\d_]))+",
    re.IGNORECASE,
)
