"""Reach the world outside: one wing per counterpart, and wings are strangers to each other."""
