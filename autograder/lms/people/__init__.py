"""Who is who: the roster, the people of an LMS, and what they handed in there."""
