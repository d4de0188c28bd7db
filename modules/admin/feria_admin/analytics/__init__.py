"""Reports: what modules count, kept as sums by quarters of an hour, shown by intervals of any time zone."""
