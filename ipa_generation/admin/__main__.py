"""The command line: `python -m ipa_generation.admin`."""

import os
import sys

from ipa_generation.admin.batch import main

status = main()
sys.stdout.flush()
os._exit(status)  # a plain exit would wait for threads whose answers are not read
