"""Gift notes, an example of a module that others write for Feria."""
