# Written by eventify-python-codegen from eventify-core; do not edit.
FINGERPRINT = "a9756117d54cf892"
