# Written by eventify-python-codegen from eventify-core; do not edit.
FINGERPRINT = "f2884dd170ac3275"
