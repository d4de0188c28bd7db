"""The use cases of carts: looking, changing, merging, codes, saving for later, restoring. One transaction a change."""
