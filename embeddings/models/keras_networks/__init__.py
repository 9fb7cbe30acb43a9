"""Keras networks, built and compiled in a child process; the only package that imports Keras."""

import gc
import sys


def _import_keras() -> None:
    """Import Keras, and TensorFlow with it, in three quarters of the CPU time it otherwise takes.

    Without scikit-learn and pandas, which it supports where they are installed and which nothing here gives it, and
    without collecting garbage among a million new objects.
    """
    unused = {"pandas", "sklearn"} - sys.modules.keys()
    was_collecting = gc.isenabled()
    gc.disable()
    sys.modules.update(dict.fromkeys(unused))  # type: ignore[arg-type]  # Python's way to forbid an import
    try:
        import keras  # noqa: F401, PLC0415
    finally:
        for name in unused:
            del sys.modules[name]
        if was_collecting:
            gc.enable()


_import_keras()
