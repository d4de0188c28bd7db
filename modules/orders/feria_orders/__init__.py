"""Orders, their history and mails."""
