"""What products are filtered, counted and ordered by: bitmaps of their numbers, brought up to date before each use."""
