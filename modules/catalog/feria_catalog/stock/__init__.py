"""Levels, holds and the ledger of movements."""
