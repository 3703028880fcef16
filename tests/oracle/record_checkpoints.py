"""Record checkpoints that TensorFlow writes; runs where TensorFlow is installed.

PYTHONPATH=tests/checkpoints python tests/oracle/record_checkpoints.py
"""

import tempfile
import zipfile
from pathlib import Path

import tensorflow.compat.v1 as tf
from checkpoint_fixtures import FIXTURES

tf.disable_v2_behavior()

TARGET = Path(__file__).parents[1] / "checkpoints" / "tensorflow.zip"


def main() -> None:
    """Write every fixture into one archive, a folder each."""
    # The same time for all, so that the same files give the same archive.
    with zipfile.ZipFile(TARGET, "w", zipfile.ZIP_LZMA) as archive:
        for name, write in FIXTURES.items():
            with tempfile.TemporaryDirectory() as folder:
                with tf.Graph().as_default(), tf.Session() as session:
                    write(tf, session, f"{folder}/m")
                for path in sorted(Path(folder).iterdir()):
                    info = zipfile.ZipInfo(f"{name}/{path.name}")
                    archive.writestr(info, path.read_bytes(), zipfile.ZIP_LZMA)
    print(f"{len(FIXTURES)} checkpoints, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
