"""One file per step, oldest first; numbered, never edited once released."""
