"""The use cases of personalization, by what they are about."""
