"""Learning from sales, visits and texts.

Only the training process and `feria recommend replay` import what is below here: numpy and scipy weigh more than the
rest of a worker.
"""

# Said to the process that trains, so that it takes its turn as any other.
IN_TURN = "in-turn"
