"""Whether the process of a job runs what `atexit` has before it leaves (Ruby's RUN_AT_EXIT_HOOKS)."""

import atexit


class AtExit:
    """Off, until the keeper of a worker says otherwise; app process and children inherit that."""

    wanted = False

    @classmethod
    def run(cls) -> None:
        """Run the functions, if that is wanted. What one raises is printed."""
        if cls.wanted:
            atexit._run_exitfuncs()
