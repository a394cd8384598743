# Written by eventify-python-codegen from eventify-core; do not edit.
FINGERPRINT = "ea2cc7bfa55883e7"
