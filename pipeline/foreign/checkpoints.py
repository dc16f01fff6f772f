"""The weights of a SavedModel, read from its checkpoint; its program is not looked at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

OBJECTS = "_CHECKPOINTABLE_OBJECT_GRAPH"
OPTIMIZER = re.compile(r"(^|/)(\.OPTIMIZER_SLOT|optimizer)(/|$)")


def saved_weights(folder: Path) -> Iterator[tuple[str, NDArray[Any]]]:
    """Yields the last part of each variable's name, such as "kernel", and its value.

    They come in the order of the model's list of variables, and where it saved none, in that of
    its layers.

    Raises:
        ValueError, RuntimeError: there is no whole checkpoint.
    """
    import tensorflow as tf
    from tensorflow.core.protobuf import trackable_object_graph_pb2

    prefix = str(folder / "variables" / "variables")
    try:
        reader = tf.train.load_checkpoint(prefix)
        objects = trackable_object_graph_pb2.TrackableObjectGraph.FromString(
            reader.get_tensor(OBJECTS)
        )
    # TensorFlow promises no type for what it cannot read.
    except Exception as error:
        raise ValueError(str(error)) from error
    nodes = objects.nodes
    listed = [child.node_id for child in nodes[0].children if child.local_name == "variables"]
    if listed:
        children = sorted(
            (child for child in nodes[listed[0]].children if child.local_name.isdecimal()),
            key=lambda child: int(child.local_name),
        )
        nodes = [nodes[child.node_id] for child in children]
    found = [attribute for node in nodes for attribute in node.attributes if attribute.full_name]
    if not listed:
        found = sorted(found, key=lambda attribute: _path(attribute.checkpoint_key))
    for attribute in found:
        if not OPTIMIZER.search(attribute.checkpoint_key):
            role = attribute.full_name.rpartition("/")[2].partition(":")[0]
            yield role, reader.get_tensor(attribute.checkpoint_key)


def _path(key: str) -> list[tuple[int, str]]:
    """Returns a key for sorting, its numbers as numbers: layer 2 before layer 10."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d+)", key)]
