# Written by eventify-python-codegen from eventify-core; do not edit.
FINGERPRINT = "cc2d0003e831f27f"
