"""What stands in for the outside world in development and tests; never loaded by `feria serve`."""
