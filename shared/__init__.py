"""What both workers stand on: recordings, phones, pronunciations, engines, the service."""
