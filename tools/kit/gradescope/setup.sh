#!/bin/sh
# Gradescope runs this once, as root and with a network, when it makes the image of the assignment.
set -e
if ! python3 -c 'import tomllib' 2>/dev/null; then
    apt-get update
    apt-get install -y --no-install-recommends python3 util-linux
    python3 -c 'import tomllib' 2>/dev/null || apt-get install -y --no-install-recommends python3.11
fi
