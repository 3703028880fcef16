"""Random graphs, as data: drawn without TensorFlow or evergraph, built by whatever `tf` is given.

The generator follows dtypes and shapes, and for every value how large it may get and whether it is
exact: what jumps (Floor, Less, ArgMax …) takes only exact values, so that two correct backends
agree on the result.
"""

from random_graphs.building import Built as Built
from random_graphs.building import build as build
from random_graphs.data import Constant as Constant
from random_graphs.data import Graph as Graph
from random_graphs.data import Node as Node
from random_graphs.data import from_json as from_json
from random_graphs.data import to_json as to_json
from random_graphs.drawing import random_graph as random_graph
