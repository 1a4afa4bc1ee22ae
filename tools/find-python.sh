#!/bin/sh
# Prints the newest Python >= 3.11 on PATH that can make virtual environments; says why if none can.
# Each candidate is run: a version manager's stand-in may be there without the Python behind it.
probe='import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))'
for python in python3.14 python3.13 python3.12 python3.11 python3 python; do
  if "$python" -c "$probe" >/dev/null 2>&1; then
    echo "$python"
    exit
  fi
done
echo "make: there is no Python 3.11 or newer on PATH with the modules venv and ensurepip." >&2
echo "make: on Debian and Ubuntu: apt-get install python3-venv" >&2
exit 1
