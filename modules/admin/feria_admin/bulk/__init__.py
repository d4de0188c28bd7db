"""Many things at once: an act of a section, done to each as its own call would do it, by a job."""
