"""The staff's pages at /admin: drawn from the sections that modules declare, answered by the API itself."""
