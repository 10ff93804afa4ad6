"""Pictures and video as files hold them: decoding, time stamps and writing, without knowledge of datasets."""
