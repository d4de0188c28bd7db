"""What users does: one transaction for each use case, no hashing inside of one."""
