"""Measure against what others achieve: `python -m tests.benchmarks [names]`. Never part of the gate."""
