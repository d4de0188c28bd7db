"""Contact: what visitors write to the team, and what the team answers."""
