"""Makes the recipes importable, as they are for whoever works in their folder."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "examples" / "recipes"))
