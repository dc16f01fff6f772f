"""What must be right among the Python packages: pins that hold, and versions known to break."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.requirements import Requirement

from pipeline.environment.builds import TENSORFLOW_PACKAGES, numbers
from pipeline.environment.findings import Finding, error, passed, warning
from pipeline.environment.fixes import install, uninstall
from pipeline.environment.packages import Pin
from pipeline.environment.probes import Facts
from pipeline.environment.said import said

# RELEASE.md of TensorFlow: 2.18 is the first built with NumPy 2.
NUMPY_2_FROM = (2, 18)
# TensorFlow up to 2.11 holds protobuf messages generated for 3.19.
OLD_PROTOBUF_UP_TO = (2, 11)
KERAS_3_FROM = (2, 16)
NO_TENSORBOARD_FROM = (2, 21)
UPPER_BOUNDS = ("<", "<=", "==", "~=")


def numpy(facts: Facts) -> Iterator[Finding]:
    """NumPy is not newer than the one TensorFlow was compiled with, by its major version."""
    build, there = facts.tensorflow, installed(facts, "numpy")
    if build is None or there is None:
        return
    old_build = numbers(build.version)[:2] < NUMPY_2_FROM
    if (old_build and numbers(there) >= (2,)) or said(facts, "numpy_too_new"):
        fix = install(facts, "numpy<2")
        yield error("numpy_too_new", fix, installed=there, tensorflow=build.version)


def protobuf(facts: Facts) -> Iterator[Finding]:
    """protobuf is not newer than TensorFlow takes; older packages do not say so themselves."""
    build, there = facts.tensorflow, installed(facts, "protobuf")
    if build is None or there is None:
        return
    pin = next((one for one in _unmet(facts) if one.name == "protobuf" and _too_new(one)), None)
    old_build = numbers(build.version)[:2] <= OLD_PROTOBUF_UP_TO
    known = said(facts, "protobuf_too_new", "protobuf_gencode")
    if pin or known or (old_build and numbers(there) >= (3, 21)):
        bound = "protobuf<3.21" if old_build else "protobuf<6.30"
        wanted = pin.requirement if pin else bound
        values = {"installed": there, "tensorflow": build.version, "requirement": wanted}
        yield error("protobuf_too_new", install(facts, wanted), **values)


def pillow(facts: Facts) -> Iterator[Finding]:
    """Pillow is not 8.3.0."""
    if installed(facts, "pillow") == "8.3.0" or said(facts, "pillow_array"):
        yield error("pillow_830", install(facts, "pillow>=8.3.1"))


def tensorboard(facts: Facts) -> Iterator[Finding]:
    """TensorBoard is there, which newer TensorFlow no longer brings."""
    missing = [one for one in _unmet(facts) if one.name == "tensorboard" and not one.installed]
    build = facts.tensorflow
    new = build is not None and numbers(build.version)[:2] >= NO_TENSORBOARD_FROM
    if (missing and new) or said(facts, "tensorboard_missing"):
        yield error("tensorboard_missing", install(facts, "tensorboard"))


def pins(facts: Facts) -> Iterator[Finding]:
    """Every required package is there, in a version that is allowed."""
    told = {name for name, rule in OWN_RULES.items() if any(rule(facts))}
    unmet = [pin for pin in _unmet(facts) if pin.name not in told]
    for pin in unmet:
        yield error(
            "pin_unmet",
            install(facts, pin.requirement),
            owner=pin.owner,
            requirement=pin.requirement,
            installed=pin.installed or "-",
        )
    count = len(_required(facts))
    if count and not unmet and not told:
        yield passed("pins_hold", count=count)


def scipy(facts: Facts) -> Iterator[Finding]:
    """SciPy is there for the ImageDataGenerator, which people use with Keras 2."""
    build = facts.tensorflow
    if build is None or facts.packages is None:
        return
    keras_2 = numbers(build.version)[:2] < KERAS_3_FROM
    if (keras_2 and not installed(facts, "scipy")) or said(facts, "scipy_missing"):
        yield warning("scipy_missing", install(facts, "scipy"))


def opencv(facts: Facts) -> Iterator[Finding]:
    """One OpenCV only: its flavours write into the same folder `cv2`."""
    known = facts.packages.installed if facts.packages else ()
    flavours = [one.name for one in known if one.name.startswith("opencv-")]
    if len(flavours) > 1:
        fix = f"{uninstall(facts, *flavours)} && {install(facts, 'opencv-python-headless')}"
        yield warning("opencv_several", fix, flavours=", ".join(flavours))
    elif flavours:
        yield passed("opencv_one", flavour=flavours[0])


def installed(facts: Facts, name: str) -> str | None:
    """The version of a package, or None when it is absent or not looked at."""
    if facts.packages is None:
        return None
    listed = (one.version for one in facts.packages.installed if one.name == name)
    pinned = (one.installed for one in facts.packages.pins if one.name == name and one.installed)
    return next(listed, None) or next(pinned, None)


def _required(facts: Facts) -> list[Pin]:
    """Pins that count: an absent TensorFlow has a rule, and one flavour stands in for another."""
    found = [pin for pin in facts.packages.pins if not pin.extra] if facts.packages else []
    return [pin for pin in found if pin.installed or pin.name not in TENSORFLOW_PACKAGES]


def _unmet(facts: Facts) -> list[Pin]:
    return [pin for pin in _required(facts) if not pin.holds]


def _too_new(pin: Pin) -> bool:
    """Whether the version installed breaks an upper bound of its pin."""
    if pin.installed is None:
        return False
    bounds = [one for one in Requirement(pin.requirement).specifier if one.operator in UPPER_BOUNDS]
    upper = [one for one in bounds if not one.contains(pin.installed, prereleases=True)]
    return any(numbers(pin.installed) >= numbers(one.version.rstrip(".*")) for one in upper)


OWN_RULES = {"numpy": numpy, "protobuf": protobuf, "pillow": pillow, "tensorboard": tensorboard}
"""Rules that say more of a package than its unmet pin does."""

PACKAGE_RULES = (*OWN_RULES.values(), pins, scipy, opencv)
