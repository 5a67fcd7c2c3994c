"""Talk with people: Telegram in, Telegram out; holds no trading state."""
