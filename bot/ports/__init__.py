"""Say what the house needs from outside, as Protocols: a port exists where a second implementation exists today."""
