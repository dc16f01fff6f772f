"""Imports TensorFlow, lists its GPUs and prints what it is: a program of its own.

Nothing that takes memory on a GPU is done. What TensorFlow itself writes goes to standard error.
"""

import sys


def main() -> None:
    # Python 3.10 has no -P: a file in the folder it runs in may be named like a module.
    if sys.path[0] == "":
        del sys.path[0]
    import json
    import os

    answer = os.dup(1)
    os.dup2(2, 1)
    import tensorflow as tf

    build = tf.sysconfig.get_build_info()
    listed = {
        "version": tf.__version__,
        "gpus": [device.name for device in tf.config.list_physical_devices("GPU")],
        "build_info": {
            name: ", ".join(value) if isinstance(value, list) else str(value)
            for name, value in build.items()
        },
    }
    os.write(answer, json.dumps(listed).encode())


if __name__ == "__main__":
    main()
