"""What is known of the networks before any of them is built; loads no TensorFlow."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.problems import Problem

APPLICATIONS_URL = "https://storage.googleapis.com/tensorflow/keras-applications"


@dataclass(frozen=True)
class Download:
    """Weights of ImageNet as `keras.applications` fetches them.

    Args:
        file: its name in Keras's folder `models`.
        url: where it is.
        md5: of its content; "" where Keras names none.
    """

    file: str
    url: str
    md5: str = ""


@dataclass(frozen=True)
class Network:
    """A network: the smallest side of an image it takes in pixels, and what may be downloaded."""

    smallest_px: int
    imagenet: Download | None = None


def _download(folder: str, file: str, md5: str = "") -> Download:
    return Download(file, f"{APPLICATIONS_URL}/{folder}/{file}", md5)


NETWORKS: dict[str, Network] = {
    "hanzi_s": Network(16),
    "hanzi_m": Network(8),
    "cnn": Network(10),
    "resnet50": Network(32, _download(
        "resnet", "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "4d473c1dd8becc155b73f8504c6f6626")),
    "densenet169": Network(32, _download(
        "densenet", "densenet169_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "b8c4d4c20dd625c148057b9ff1c1176b")),
    "mobilenet": Network(32, _download("mobilenet", "mobilenet_1_0_224_tf_no_top.h5")),
}  # fmt: skip


def require_size(network: str, size_px: int) -> None:
    """Checks that images are large enough for a network.

    Raises:
        Problem: `model.input_small`.
    """
    smallest = NETWORKS[network].smallest_px
    if size_px < smallest:
        raise Problem("model.input_small", model=network, size=size_px, smallest=smallest)


def require_imagenet(network: str) -> Download:
    """Returns where the ImageNet weights of a network are.

    Raises:
        Problem: `weights.no_imagenet` when nobody offers such weights.
    """
    download = NETWORKS[network].imagenet
    if download is None:
        have = ", ".join(name for name, known in NETWORKS.items() if known.imagenet)
        raise Problem("weights.no_imagenet", model=network, have=have)
    return download
