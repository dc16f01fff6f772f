"""`hanzi-tui summary`."""

from __future__ import annotations

from hanzi_tui.commands import console
from hanzi_tui.commands.options import Common, CommonOptions, context
from hanzi_tui.i18n import _


def summary(model: str = "", /, *, common: CommonOptions = Common()) -> int:
    """Print the layers of a model: shapes, parameters and multiplications.

    A model without its Keras file is read from its LiteRT file, whose operators hold several
    layers each.

    Args:
        model: name or folder of the model, or a .keras, .h5 or .tflite file; default: the newest
    """
    from pipeline.anatomy.reading import anatomy, model_path

    given = context(common)
    found = anatomy(model_path(given.workspace, model))
    if given.json:
        console.print_json(found.to_dict())
        return 0
    shapes = ["×".join("?" if n is None else str(n) for n in layer.shape) for layer in found.layers]
    console.print_table(
        (_("layer"), _("kind"), _("output"), _("parameters"), _("MACs")),
        [(layer.name, layer.kind, shape, f"{layer.parameters:,}" if layer.parameters else "",
          f"{layer.macs:,}" if layer.macs else "")
         for layer, shape in zip(found.layers, shapes, strict=True)],
        right="de",
    )  # fmt: skip
    console.say(
        _(
            "{name}: {parameters:,} parameters, {macs:,} multiply-accumulates (MACs) an image"
        ).format(name=found.name, parameters=found.parameters, macs=found.macs)
    )
    return 0
