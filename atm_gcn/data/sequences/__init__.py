"""Clips that are no frame store: precomputed features, and datasets of PyG."""
