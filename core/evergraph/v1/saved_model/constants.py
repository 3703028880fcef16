"""tf.saved_model.constants: the names of files, and of collections."""

from evergraph.saved_model.layout import ASSETS_DIRECTORY as ASSETS_DIRECTORY
from evergraph.saved_model.layout import ASSETS_KEY as ASSETS_KEY
from evergraph.saved_model.layout import DEBUG_DIRECTORY as DEBUG_DIRECTORY
from evergraph.saved_model.layout import DEBUG_INFO_FILENAME_PB as DEBUG_INFO_FILENAME_PB
from evergraph.saved_model.layout import LEGACY_INIT_OP_KEY as LEGACY_INIT_OP_KEY
from evergraph.saved_model.layout import MAIN_OP_KEY as MAIN_OP_KEY
from evergraph.saved_model.layout import SAVED_MODEL_FILENAME_PB as SAVED_MODEL_FILENAME_PB
from evergraph.saved_model.layout import SAVED_MODEL_FILENAME_PBTXT as SAVED_MODEL_FILENAME_PBTXT
from evergraph.saved_model.layout import SAVED_MODEL_SCHEMA_VERSION as SAVED_MODEL_SCHEMA_VERSION
from evergraph.saved_model.layout import VARIABLES_DIRECTORY as VARIABLES_DIRECTORY
from evergraph.saved_model.layout import VARIABLES_FILENAME as VARIABLES_FILENAME
