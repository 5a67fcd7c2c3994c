"""Say what things are and may become: pure, synchronous, standard library only, no float, no clock."""
