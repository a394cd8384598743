# Written by eventify-python-codegen from eventify-core; do not edit.
FINGERPRINT = "51fa505c75bf6ce3"
