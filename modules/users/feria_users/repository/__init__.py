"""Statements on the tables of users."""
