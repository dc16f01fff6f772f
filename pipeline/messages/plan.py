"""English texts of what a plan says beside its commands."""

from __future__ import annotations

MESSAGES = {
    "plan.wsl": "Install WSL2 first (in PowerShell); the commands are typed inside it.",
    "plan.driver_update": (
        "Update the NVIDIA driver in {where} first: {have} is here, {minimum} or newer is needed."
    ),
    "plan.driver_install": "Install an NVIDIA driver in {where} first: {minimum} or newer.",
    "plan.python": "It needs Python {first} to {last}; {have} was named.",
    "plan.not_for_hanzi": (
        "hanzi-tui itself needs {needed}: this serves other programs, in an environment of its own."
    ),
    "plan.macos": "On macOS TensorFlow works on the CPU; no build uses an NVIDIA GPU there.",
    "plan.no_gpu": "No NVIDIA GPU and no driver: this plan is for the CPU.",
    "plan.gpu_unknown": (
        "The compute capability of {gpu} is not known here, so every build counts as fitting it."
    ),
    "plan.gpu_too_new": (
        "No TensorFlow package holds code for {gpu} (compute capability {capability}). NVIDIA's "
        "container image does, with driver 570 or newer; else this is for the CPU."
    ),
    "plan.gpu_too_old": (
        "{gpu} (compute capability {capability}) is older than all that TensorFlow's packages "
        "hold code for. This plan is for the CPU."
    ),
}
"""A remark has the sentence alone, no `.why`."""
