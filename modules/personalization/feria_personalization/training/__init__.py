"""Learning from sales, visits and texts.

Only the training process and `feria recommend replay` import what is below here: numpy and scipy weigh more than the
rest of a worker.
"""
