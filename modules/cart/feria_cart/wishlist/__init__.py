"""Wish lists: what a person would like to have, to keep, to share, to put into the cart."""
