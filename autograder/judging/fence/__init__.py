"""Student code runs here: walled in, limited, and asked from outside."""
