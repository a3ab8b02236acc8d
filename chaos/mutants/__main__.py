"""`make mutants`: makes each mistake in a copy of the project, and tells whether a test noticed."""

import argparse
import sys
import tempfile
from pathlib import Path

from mutants.laboratory import Laboratory
from mutants.mutant import Mutant, mutants


def main(arguments: list[str]) -> int:
    """Try them all; 1 if one survives, or cannot be tried."""
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("--only", default="", help="mutants whose names contain this")
    parser.add_argument("--check", action="store_true", help="see whether the patches apply, and no more")
    given = parser.parse_args(arguments)
    chosen = mutants(given.only)
    with tempfile.TemporaryDirectory(prefix="resque-mutants-") as folder:
        laboratory = Laboratory(Path(folder))
        wrong = [line for mutant in chosen for line in _tried(laboratory, mutant, given.check)]
    well = "all patches apply" if given.check else "none of them survives"
    print("\n".join(wrong) or f"{len(chosen)} mutants, and {well}.")
    return int(bool(wrong))


def _tried(laboratory: Laboratory, mutant: Mutant, check: bool) -> list[str]:
    """What is wrong with the tests that should notice this mistake."""
    wrong = []
    if not check:
        wrong = [
            f"{mutant.name}: red without it: {' '.join(trial.arguments)}"
            for trial in mutant.trials
            if laboratory.run(trial)
        ]
    with laboratory.mutated(mutant):
        for trial in () if check else mutant.trials:
            noticed = laboratory.is_noticed(trial)
            print(f"{'killed' if noticed else 'SURVIVED':9} {trial.backend:8} {mutant.mistake}", flush=True)
            if not noticed:
                wrong.append(f"{mutant.name} survives: {' '.join(trial.arguments)}")
    for reason in mutant.exempt:
        print(f"{'-':9} {reason}", flush=True)
    return wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
