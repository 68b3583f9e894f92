"""Gold sets, metrics, runs and reports on the same answer path as the chat."""
