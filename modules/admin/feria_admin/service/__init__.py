"""The use cases of admin."""
