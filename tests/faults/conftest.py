"""The table at the end: how many trials there were in each mode and direction, and how many arrived."""

from __future__ import annotations

from collections import defaultdict

import pytest

from tests.faults.modes import MODES

TRIALS = "trials"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, value in getattr(report, "user_properties", ()):
                if name == TRIALS and report.when == "call":
                    mode, direction, arrived, total = value
                    counts[mode, direction][0] += arrived
                    counts[mode, direction][1] += total
    if not counts:
        return
    terminalreporter.write_line("faults: mode, direction, arrived / total")
    for mode in MODES:
        for direction in ("upgrade", "downgrade"):
            if (mode, direction) in counts:
                arrived, total = counts[mode, direction]
                terminalreporter.write_line(f"  {mode:<26} {direction:<10} {arrived:>5} / {total}")
    arrived, total = (sum(column) for column in zip(*counts.values(), strict=True))
    terminalreporter.write_line(f"  {'all':<37} {arrived:>5} / {total}")
