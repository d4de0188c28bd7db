"""Lists of products: filtered, searched, sorted, paged, each in one statement."""
