"""Pictures and video as files hold them: decoding, time stamps, writing. It knows nothing of datasets."""
