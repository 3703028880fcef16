"""The loops of training programs: sessions that are watched, made anew and left when it is time."""
