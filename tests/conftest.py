"""What pytest collects here."""

from importlib.util import find_spec

# The oracle's tests compare with real TensorFlow and run where it is installed: `tox -e oracle`.
collect_ignore = [] if find_spec("tensorflow") else ["oracle"]
