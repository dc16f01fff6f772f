"""English texts about a training: what it resumes from, what ends it."""

from __future__ import annotations

MESSAGES = {
    "precision.cpu": (
        "mixed_float16 needs a GPU: a CPU emulates it ten times slower. Take precision = auto, "
        "float32 or mixed_bfloat16."
    ),
    "xla.devices": (
        "xla = on compiles for one device, and {count} are to share a batch. "
        "Take xla = auto, or name one GPU in devices."
    ),
    "training.diverged": (
        "The training diverged at step {step}: its loss is no number any more, or its mean over "
        "20 steps above {limit}, ten times that of guessing. The checkpoint of step {kept} is "
        "sound. A mere resume would go the same way; lower the learning rate: "
        "hanzi-tui train --resume {run} --learning-rate {rate}, or add --clip-norm 1"
    ),
    "training.diverged_early": (
        "The training diverged at step {step}: its loss is no number any more, or its mean over "
        "20 steps above {limit}, ten times that of guessing. There is no sound checkpoint yet. "
        "Begin anew with a lower learning rate: "
        "hanzi-tui train --resume {run} --learning-rate {rate}, or add --clip-norm 1"
    ),
    "training.memory": (
        "The memory does not hold a step of {batch_size} images, but one of {fits}. "
        "Start again with --batch-size {fits}, or take smaller images or a smaller network."
    ),
    "training.memory_none": (
        "The memory does not hold a step of {batch_size} images, nor of any fewer. "
        "Take smaller images, a smaller network or another device."
    ),
    "training.memory_network": (
        "The memory does not even hold the network {model}: something else may fill the device. "
        "Free it, take another one (--devices), or a smaller network."
    ),
    "training.stopped_early": (
        "Stopped after epoch {epoch}: {patience} epochs without a better one."
    ),
    "training.best_lost": (
        "The checkpoint of the best epoch is lost, so the last one becomes the model: {detail}"
    ),
    "training.statistics": (
        "The statistics of batch normalisation were estimated anew from undistorted images: "
        "validation loss {before}, now {after}."
    ),
    "checkpoint.passed_over": "{detail} The one before it is used.",
    "resume.other_batches": (
        "The run was made with {before} (batch size × batches an epoch), now it would be {now}, so "
        "its steps would mean other images. Name as many devices as before, or start a new run."
    ),
    "resume.other_plan": (
        "The plan is now {now} epochs, not {before}: from here the learning rate is that of a "
        "training of {now} epochs at this step."
    ),
    "resume.versions": (
        "Versions have changed since the checkpoint ({changed}): the training goes on, but not bit "
        "for bit as it would have."
    ),
    "resume.fixed": (
        "{keys} cannot change in the midst of a run. What can: {allowed}. For anything else start "
        "a new run, with --weights of this one's model if it has one."
    ),
    "resume.no_training": (
        "Run {run} is no training, so {keys} cannot change in it. "
        "Name a training; see hanzi-tui runs"
    ),
    "resume.no_more": (
        "Run {run} is finished, after {done} epochs. To go on, ask for more: --epochs {more}"
    ),
    "disk.no_space": (
        "{path}: the disk takes no more ({detail}). Make room, then resume the run; "
        "what is done is kept."
    ),
}
