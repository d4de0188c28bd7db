"""Events: what takes place when and where, once or again and again."""
