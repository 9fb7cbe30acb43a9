"""The child process that builds a backbone in Keras and writes it as an OpenVINO file.

python -m embeddings.models.keras_networks.compile BACKBONE WEIGHTS FOLDER

`FOLDER` then contains `network.xml` and `network.bin`. Weights that do not fit give one line on standard error and exit
status 3.
"""

import sys
from pathlib import Path

import openvino
import tensorflow as tf

from embeddings.errors import WeightsError
from embeddings.models.backbones import backbone_named
from embeddings.models.compiled import KNOWN_FAILURE, NETWORK_FILE
from embeddings.models.keras_networks.encoders import build_encoder


def compile_network(name: str, weights: Path, folder: Path) -> None:
    """Build the backbone's encoder with these weights and save it below `folder`, float32, batch 1.

    Raises WeightsError if the weights do not fit.
    """
    sys.modules.pop("openvino.tools.ovc", None)  # `embeddings` forbids it
    from openvino.tools.ovc import convert_model  # noqa: PLC0415

    backbone = backbone_named(name)
    encoder = build_encoder(backbone, weights, with_patches=bool(backbone.patch_layer))
    # The weights are constants from the start: OpenVINO searches all variables for each one, and TensorFlow copies the
    # whole graph several times to replace them. For NASNetMobile, which has most, that took 44 s and 16 s of CPU.
    kinds = (encoder.trainable_variables, encoder.non_trainable_variables)
    weights_of_kinds = [[variable.numpy() for variable in variables] for variables in kinds]
    with tf.Graph().as_default() as graph:
        pixels = tf.compat.v1.placeholder(tf.uint8, (1, backbone.input_side, backbone.input_side, 3))
        constants = [[tf.constant(weight) for weight in weights] for weights in weights_of_kinds]
        outputs, _ = encoder.stateless_call(*constants, pixels, training=False)
    network = convert_model(graph, output=[output.name for output in tf.nest.flatten(outputs)])
    openvino.save_model(network, folder / NETWORK_FILE, compress_to_fp16=False)


if __name__ == "__main__":
    try:
        compile_network(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
    except WeightsError as error:
        print(error, file=sys.stderr)  # noqa: T201
        sys.exit(KNOWN_FAILURE)
