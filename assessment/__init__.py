"""The assessment worker: the phones of a sentence that a learner mispronounced, and where."""
