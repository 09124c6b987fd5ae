"""The assessment worker: which sounds of a sentence a learner got wrong, and where."""
