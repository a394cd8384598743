# Written by eventify-python-codegen from eventify-core; do not edit.
