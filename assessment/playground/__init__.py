"""A local page to speak into: a sentence, its IPA, recordings and their reports."""
