"""Newsletters: who has agreed to get them, and how they are sent."""
