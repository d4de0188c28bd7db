"""How the shop stands now, on one look: figures of the last days, and what waits for somebody."""
