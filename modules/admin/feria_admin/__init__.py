"""Staff dashboard."""
