"""Connectionist temporal classification (Graves et al. 2006): posteriors, the best path, alignment, likelihood."""
