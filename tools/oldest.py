"""Print the oldest version of each package that pyproject.toml allows, as constraints for pip.

python tools/oldest.py > oldest.txt && pip install -c oldest.txt -e '.[test]'
"""

import tomllib
from pathlib import Path

from packaging.requirements import Requirement

project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
for line in [*project["dependencies"], *project["optional-dependencies"]["test"]]:
    requirement = Requirement(line)
    (floor,) = (part.version for part in requirement.specifier if part.operator == ">=")
    print(f"{requirement.name}=={floor}")
