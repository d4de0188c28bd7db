"""How posts are written: rows, slugs, search words, mentions, in one transaction each."""
