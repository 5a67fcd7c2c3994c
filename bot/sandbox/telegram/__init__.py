"""A stranger that behaves like Telegram: the Bot API on loopback, and a chat page in the browser.

What it does not imitate, so that nobody believes more of a green run than it says:

- Markdown parse modes (refused as `unsupported parse_mode`), rich messages, payments, games, stickers, inline mode,
  business connections, stories, gifts: unknown methods answer 404.
- Photos are kept as sent (no JPEG recompression); all sizes of one photo are the same bytes.
- A web_app button opens its address in a new tab, without start data; topics have no list of their own on the page.
- Phone and card numbers are not detected as entities; the list of top-level domains is a selection.
- A webhook on loopback may be plain http and use any port; a web_app button may be http on loopback.
- The anti-spin delays of getUpdates and the flood limits are off until `Rules` or a fault turns them on.
- Text is limited to 4,096 UTF-16 units where the original counts code points first: harder to please, never easier.
- A second answer to one callback query is refused as too old; more than 8 buttons in a row or 100 in all are refused.
"""
