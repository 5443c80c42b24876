"""The controls of a lab: which ipywidgets may be one, how they are laid out, and what the page needs to rebuild them."""

from typing import Any, TypeAlias

from ipywidgets import Checkbox, Dropdown, FloatLogSlider, HBox, IntSlider, SelectionSlider, ToggleButtons, Widget

Control: TypeAlias = Widget  # one of KINDS
# What the page makes of each.
KINDS = {
    SelectionSlider: "range",
    IntSlider: "range",
    FloatLogSlider: "range",
    Dropdown: "menu",
    ToggleButtons: "buttons",
    Checkbox: "box",
}
WORDS = {"off": "off", "on": "on"}


def check(key: str, slider: object) -> None:
    """Refuse what is no control."""
    if not isinstance(slider, tuple(KINDS)):
        names = ", ".join(kind.__name__ for kind in KINDS)
        raise TypeError(f"sliders[{key!r}] must be one of {names}, not {type(slider).__name__}")


def panel(sliders: list[Control], buttons: list[Widget]) -> list[Widget]:
    """The sliders one below the other, and the boxes with the buttons in a row; widths and label widths are set on the sliders."""
    boxes = [slider for slider in sliders if isinstance(slider, Checkbox)]
    others = [slider for slider in sliders if not isinstance(slider, Checkbox)]
    for box in boxes:
        box.indent, box.layout.width = False, "auto"
    for slider in others:
        slider.style.description_width = "8em"
        if KINDS[type(slider)] == "range":
            slider.layout.width = "34em"
    return [*others, HBox([*boxes, *buttons], layout={"flex_flow": "row wrap"})]


def described(key: str, control: Control, start: object) -> dict[str, Any]:
    """A control as the page rebuilds it: its options as a list of [label, value], and which one it starts at."""
    options = _options(control)
    values = [value for _, value in options]
    if start in values:
        index = values.index(start)
    else:  # a log slider may start between two steps: the nearest gives way
        index = min(range(len(values)), key=lambda i: abs(values[i] - start))
        options[index] = [format(start, control.readout_format), start]
    return {"key": key, "kind": KINDS[type(control)], "label": control.description, "options": options, "index": index}


def _options(control: Control) -> list[list[Any]]:
    """[label, value] of each option; Any: values are whatever the computation takes."""
    match control:
        case SelectionSlider() | Dropdown() | ToggleButtons():
            return [list(pair) if isinstance(pair, (tuple, list)) else [str(pair), pair] for pair in control.options]
        case IntSlider():
            return [[str(value), value] for value in range(control.min, control.max + 1, control.step)]
        case FloatLogSlider():
            steps = range(round((control.max - control.min) / control.step) + 1)
            values = [control.base ** (control.min + step * control.step) for step in steps]
            return [[format(value, control.readout_format), value] for value in values]
    return [[WORDS["off"], False], [WORDS["on"], True]]
