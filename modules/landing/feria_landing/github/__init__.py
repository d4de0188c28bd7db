"""What GitHub says of the team's work: copied by a worker, read from the copy."""
