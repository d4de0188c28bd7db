"""The statements of personalization, by what they are about."""
