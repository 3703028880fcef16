"""TensorFlow's protocol-buffer messages, apart from any that TensorFlow itself has registered."""

from evergraph.protos._pool import NAMES as _NAMES
from evergraph.protos._pool import POOL as POOL
from evergraph.protos._pool import adopt as adopt

# The names are those of the .proto files beside this one; `__init__.pyi` lists them.
globals().update(_NAMES)
