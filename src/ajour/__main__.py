"""python -m ajour: the same as the command `ajour`."""

from ajour.cli.main import main

main()
