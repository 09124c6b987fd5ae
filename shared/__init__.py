"""What both workers stand on: audio, phones, recognisers, errors, settings."""
