"""The command line: `python -m assessment.playground`."""

from assessment.playground.server import main

main()
