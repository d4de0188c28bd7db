"""Accounts, sign-in, staff permissions."""
