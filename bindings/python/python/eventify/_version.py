# Written by eventify-python-codegen from eventify-core; do not edit.
FINGERPRINT = "a50b37b9f90dcfe0"
