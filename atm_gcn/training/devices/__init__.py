"""Where a fold computes: its device or group of devices, precision and compilation."""
