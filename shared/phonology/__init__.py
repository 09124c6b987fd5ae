"""Phones: IPA, ARPAbet, equivalence, distance."""
