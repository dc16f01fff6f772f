"""English texts of what a trial of the GPUs finds, as in `machine`."""

from __future__ import annotations

_SENSELESS = (
    "Trained there, a network's loss is NaN or its accuracy stays senseless, though the same "
    "program learns on the CPU. "
)
MESSAGES = {
    "environment.trial_no_gpu": "There is no GPU to try.",
    "environment.trial_right": (
        "GPU {index} ({name}) computes what the CPU computes, to {difference}; a small training "
        "step takes {usual_ms} ms, in mixed precision {mixed_ms} ms."
    ),
    "environment.trial_taken": "GPU {index} ({name}) was not tried: others seem to use it.",
    "environment.trial_taken.why": (
        "A trial takes memory and slows their job down. Ask them first, or wait."
    ),
    "environment.trial_wrong": (
        "GPU {index} ({name}) computes wrongly with cuDNN {cudnn}, whether TF32 is on or off: "
        "error of {wrong}; {limit} is allowed."
    ),
    "environment.trial_wrong.why": _SENSELESS
    + (
        "TF32 is not the reason. CUDA or cuDNN of another version than TensorFlow was built for "
        "does that, and so does a faulty or overclocked card."
    ),
    "environment.trial_wrong_without_tf32": (
        "GPU {index} ({name}) computes wrongly with cuDNN {cudnn}, TF32 off: error of {wrong}; "
        "{limit} is allowed."
    ),
    "environment.trial_wrong_without_tf32.why": _SENSELESS
    + (
        "CUDA or cuDNN of another version than TensorFlow was built for does that, and so does a "
        "faulty or overclocked card."
    ),
    "environment.trial_wrong_by_tf32": (
        "GPU {index} ({name}) computes wrongly with cuDNN {cudnn} and TF32 on: error of {wrong}; "
        "{limit} is allowed. With TF32 off it is right."
    ),
    "environment.trial_wrong_by_tf32.why": _SENSELESS
    + "TF32 is the reason, and NVIDIA_TF32_OVERRIDE=0 turns it off for every program.",
    "environment.trial_wrong_in_mixed": (
        "GPU {index} ({name}) computes wrongly in mixed precision with cuDNN {cudnn}: error of "
        "{wrong}; {limit} is allowed. In float32 it is right; TF32 is not the reason."
    ),
    "environment.trial_wrong_in_mixed.why": _SENSELESS + "Train in float32 on this GPU.",
    "environment.trial_unseen": (
        "GPU {index} ({name}) could not be tried: TensorFlow does not list it."
    ),
    "environment.trial_failed": "The trial of GPU {index} ({name}) failed at {doing}: {error}",
    "environment.trial_crashed": (
        "The trial of GPU {index} ({name}) ended at {doing} with {signal}."
    ),
    "environment.trial_crashed.why": (
        "A library of CUDA of another version does that, or a driver that does not fit it."
    ),
    "environment.trial_hung": (
        "The trial of GPU {index} ({name}) did not get beyond {doing} in {seconds} s."
    ),
    "environment.trial_hung.why": (
        "A GPU that TensorFlow has no code for compiles for up to half an hour at first; else the "
        "card or its driver no longer answers. See whether nvidia-smi does."
    ),
}  # fmt: skip
