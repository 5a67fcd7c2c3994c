"""Carry a database from one shape to the next: the only way its tables come to be."""
