"""The engine with no download: Moonshine Tiny's encoder and our head for phones."""
