#!/bin/sh
# Runs a program of the lab with the loader and the libraries that it was built with: so it runs on any
# Linux of the same processor.
here=$(dirname "$(readlink -f "$0")")
exec "$here/../lib/@LOADER@" --argv0 "$0" --library-path "$here/../lib" "$here/../elf/@NAME@" "$@"
