"""Company site: events, contact, newsletter."""
