"""Pictures: taken from staff, made anew and narrower, kept on disk or in S3, served for ever.

Nothing here imports Pillow but `child`, which runs in a process of its own.
"""
