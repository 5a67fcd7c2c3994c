"""A simulated Bitget futures exchange speaking the v2 protocol on loopback."""
