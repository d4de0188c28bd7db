"""Reminders of carts that were left: for those who agreed, a few mails, and a report of what they brought back."""
