"""Do what people, models and the system ask: the use cases, one verb per file; decide nothing the domain could."""
