"""Video files through PyAV: frames, time stamps, reading and writing."""
