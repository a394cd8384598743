# Written by eventify-python-codegen from eventify-core; do not edit.
FINGERPRINT = "0ff3d8c02c058d72"
