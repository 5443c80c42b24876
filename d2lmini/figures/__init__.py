"""How the book's figures look and where they show: the template, the still picture, the live chart, the notebooks' renderer."""

from .renderer import install
from .template import COLOURS

__all__ = ["COLOURS", "install"]
