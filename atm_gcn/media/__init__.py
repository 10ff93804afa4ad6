"""Pictures, video and cameras: decoding, time stamps, faces, motion, drawing, writing; no knowledge of datasets."""
