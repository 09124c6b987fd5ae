"""The IPA generation worker: the phones of an English text, with or without a recording of it."""
