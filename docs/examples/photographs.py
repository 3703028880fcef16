"""Classify two photographs with MobileNet v1, trained on ImageNet by Google, on a backend.

    python docs/examples/photographs.py [BACKEND]

The frozen graph comes from github.com/ssoniya/tensorflow-for-poets-2 (Apache-2.0); the
photographs, as normalised 128x128 arrays, from TensorFlow's JPEG test data (Apache-2.0) and
blaueck/tf-mtcnn (MIT).
"""

import sys
from pathlib import Path

import numpy as np

import evergraph as eg

HERE = Path(__file__).parent


def main(backend: str = "numpy") -> None:
    """Print the five likeliest ImageNet classes of each photograph."""
    model = eg.load(HERE / "mobilenet_v1_025_128.pb", backend=backend)
    photographs = np.load(HERE / "photographs.npz")
    for name in (n for n in photographs.files if n.startswith("input")):
        scores = model(["MobilenetV1/Predictions/Reshape_1"], input=photographs[name])[0]
        best = np.argsort(-scores)[:5]
        print(name, ", ".join(f"class {i}: {scores[i]:.3f}" for i in best))


if __name__ == "__main__":
    main(*sys.argv[1:])
