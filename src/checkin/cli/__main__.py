"""Lets our own processes be started as `python -m checkin.cli`, whatever the PATH."""

from checkin.cli import main

main()
