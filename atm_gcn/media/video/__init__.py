"""Video files through PyAV: which frames they have, when each is shown, reading and writing."""
