"""A plugin for tests: sessions whose graphs go through bytes before they run."""
