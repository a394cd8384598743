# Written by eventify-python-codegen from eventify-core; do not edit.
FINGERPRINT = "fb131322112fda97"
