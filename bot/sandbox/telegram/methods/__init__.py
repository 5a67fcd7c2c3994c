"""Bot-facing methods, one file per group; `table` lists them all."""
