"""Phone recognition engines, behind one protocol."""
