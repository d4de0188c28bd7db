"""The use cases of reviews, a file for each subject."""
