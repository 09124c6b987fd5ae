"""The command line: `python -m assessment.report`."""

from assessment.report.page import main

main()
