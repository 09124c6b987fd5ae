"""The command line: `python -m assessment.batch`."""

import os
import sys

from assessment.batch.command_line import main

if __name__ == "__main__":  # processes that assess import this module, too
    status = main()
    sys.stdout.flush()
    os._exit(status)  # a plain exit would wait for threads whose answers are not read
