"""Programs that measure the library, by topic; run one as ``python -m benchmarks.TOPIC.PROGRAM``."""

import os

os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")  # before torch is imported: its memory profiler logs every call
os.environ.setdefault("KINETO_LOG_LEVEL", "99")
