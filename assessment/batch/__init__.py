"""Many recordings assessed: `python -m assessment.batch folder -o results.csv`."""
