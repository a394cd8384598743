# Written by eventify-python-codegen from eventify-core; do not edit.
FINGERPRINT = "4dfd73671cc01ce5"
