"""The boiler room: tasks, contexts and readiness. It knows nothing of trading."""
