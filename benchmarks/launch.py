"""Run a command and print what it took: seconds of wall clock and of processor, megabytes at the peak, exit status.

A process of its own, and a small one: the system counts the memory of whoever starts a process as that process's peak.
"""

import json
import os
import sys
import time

start = time.perf_counter()
silence = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=silence)
_, status, usage = os.wait4(pid, 0)
wall = time.perf_counter() - start
kilobytes = usage.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
cpu = usage.ru_utime + usage.ru_stime
print(json.dumps([wall, cpu, kilobytes / 1024, os.waitstatus_to_exitcode(status)]))
