"""The commands by family: each parses nothing, calls the desk, renders and replies."""
