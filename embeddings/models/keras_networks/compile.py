"""The child process that builds a backbone in Keras and writes it as an OpenVINO file.

python -m embeddings.models.keras_networks.compile BACKBONE WEIGHTS FOLDER

`FOLDER` then contains `network.xml` and `network.bin`. Weights that do not fit give one line on standard error and exit
status 3.
"""

import sys
from pathlib import Path

import openvino
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from embeddings.errors import WeightsError
from embeddings.models.backbones import backbone_named
from embeddings.models.compiled import KNOWN_FAILURE, NETWORK_FILE
from embeddings.models.keras_networks.encoders import build_encoder


def compile_network(name: str, weights: Path, folder: Path) -> None:
    """Build the backbone's encoder with these weights and save it below `folder`, float32, batch 1.

    Raises WeightsError if the weights do not fit.
    """
    backbone = backbone_named(name)
    encoder = build_encoder(backbone, weights, with_patches=bool(backbone.patch_layer))
    pixels = tf.TensorSpec((1, backbone.input_side, backbone.input_side, 3), tf.uint8)
    traced = tf.function(lambda images: encoder(images, training=False), autograph=False).get_concrete_function(pixels)
    # The weights are constants, because OpenVINO searches all variables for each one: NASNetMobile, which has most,
    # took 44 s of CPU to convert and now takes 17.
    frozen = convert_variables_to_constants_v2(traced)
    network = openvino.convert_model(frozen.graph, output=[output.name for output in frozen.outputs])
    openvino.save_model(network, folder / NETWORK_FILE, compress_to_fp16=False)


if __name__ == "__main__":
    try:
        compile_network(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
    except WeightsError as error:
        print(error, file=sys.stderr)  # noqa: T201
        sys.exit(KNOWN_FAILURE)
