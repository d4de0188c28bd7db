"""Products to files that the import reads: what is exported and imported again changes nothing."""
