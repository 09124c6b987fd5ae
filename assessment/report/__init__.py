"""An assessment as a page, a picture or a TextGrid."""
