"""Draw every card of the chat: values in, cards out; pure."""
