"""Pictures, video and cameras: decoding, time stamps, faces, motion, drawing and writing; no knowledge of datasets."""
