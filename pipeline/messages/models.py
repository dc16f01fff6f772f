"""English texts about networks and the weights they begin with."""

from __future__ import annotations

MESSAGES = {
    "model.input_small": (
        "{model} takes images of {smallest} px and more; these have {size} px. Prepare the dataset "
        "with --size {smallest} or more, or take hanzi_s."
    ),
    "training.weights": (
        "The first weights come from {source}; its last layer's are kept for {common} classes."
    ),
    "weights.no_imagenet": (
        "There are no weights of ImageNet for {model}. Take weights = none or starter, or one of: "
        "{have}."
    ),
    "weights.no_download": (
        "{file} is not on this machine and cannot be downloaded ({detail}). On a machine with "
        "internet fetch {url} and put it into {folder} (MD5 {md5})."
    ),
    "weights.changed": (
        "{path} is not the file that Keras names: its MD5 is {found}, not {wanted}. Remove it, or "
        "fetch it again: {url}"
    ),
    "weights.damaged": "{path}: holds no whole weights ({detail}). Copy it again from its source.",
    "weights.mismatch": (
        "{path}: these are not the weights of {model} for such images ({found} in place of "
        "{wanted}). Take the network, size and channels they were made with."
    ),
    "weights.missing": (
        "There is neither a file {path} nor a model of that name (there: {there}). A file in this "
        "folder is written ./NAME."
    ),
    "weights.kind": (
        "{path}: first weights are a model's folder, a .keras or a .weights.h5 file. "
        "Of others make a model first: hanzi-tui import-model {path} --labels FILE"
    ),
    "weights.no_starter": "This build has no starter model. Take weights = none.",
    "program.failed": "A part of the program ended without an answer ({module}): {detail}",
    "anatomy.kind": (
        "{path}: layers are read from a model's folder, a .keras, an .h5 or a .tflite file."
    ),
    "graph.unwritable": "{path}: the graph cannot be written ({detail}). Name another file.",
    "usage.graph_suffix": "{path}: a graph is written as .svg, or as .dot for Graphviz.",
    "foreign.damaged": "{path}: no whole model can be read from it ({detail}). Copy it again.",
    "foreign.weights_only": (
        "{path} holds weights, but no network. Say which network they are of: "
        "--architecture cnn, resnet50, densenet169 or mobilenet."
    ),
    "foreign.lambda": (
        "{path}: the layer {layer} is a Lambda, a program inside the file, and is not run. Let the "
        "network be built anew and take the weights alone: --architecture cnn, resnet50, "
        "densenet169 or mobilenet, and --input for what the Lambda did, such as 0-1 for x / 255."
    ),
    "foreign.custom": (
        "{path}: {name} is no layer of Keras; its program would have to come from elsewhere, and "
        "is not run. Take the weights alone: --architecture cnn, resnet50, densenet169 or "
        "mobilenet."
    ),
    "foreign.unloadable": (
        "{path}: Keras cannot make the network ({detail}). Take the weights alone: "
        "--architecture cnn, resnet50, densenet169 or mobilenet."
    ),
    "foreign.missing": "{path}: there is no such file or folder.",
    "foreign.kind": (
        "{path}: a model is imported from a .keras or .h5 file, or from the folder of a SavedModel "
        "(with saved_model.pb in it)."
    ),
    "foreign.input": (
        "{path}: the network takes {found}; this program gives square images, gray or RGB, of 8 to "
        "1024 px."
    ),
    "foreign.no_size": (
        "{path} does not say how large its images are. Say it: --size 128, or whatever they were."
    ),
    "foreign.size": "{path}: the network takes images of {found} px, not {said}. Leave --size out.",
    "foreign.outputs": (
        "{path}: the network gives {found} in place of one number for each class. Only classifiers "
        "can be imported."
    ),
    "foreign.labels": (
        "{path}: the network has {outputs} outputs, and there are {labels} labels. Name the labels "
        "it was trained with, one a line, in the order of its outputs."
    ),
    "foreign.architecture": (
        "{path}: its weights are not those of {model} ({found}). Name the network it was trained "
        "as, and the right --size."
    ),
    "foreign.operators": (
        "{path}: the network reads or writes files, or calls Python ({names}), and is not run. "
        "Take its weights alone: --architecture resnet50, densenet169, mobilenet or cnn."
    ),
    "foreign.unconvertible": (
        "{path}: LiteRT cannot run this network ({detail}). Take its weights alone: --architecture "
        "resnet50, densenet169, mobilenet or cnn."
    ),
    "usage.polarity": "--polarity is of glyphs; a photo goes to the network as it is.",
    "labels.unreadable": (
        "{path}: the labels cannot be read ({detail}). Write them as UTF-8 text, one a line."
    ),
    "labels.empty": "{path}: line {number} holds no label.",
    "labels.control": (
        "{path}: the label of line {number} holds a control character: {label}. Remove it."
    ),
    "labels.twice": (
        "{path}: the label {label} stands in line {first} and again in line {second}. Each output "
        "needs a label of its own."
    ),
}
