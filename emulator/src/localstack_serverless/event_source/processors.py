"""Whether this machine's processors have time to spare.

https://man7.org/linux/man-pages/man5/proc_stat.5.html
"""

from pathlib import Path

STAT = Path("/proc/stat")
SPARE_SHARE = 0.1
# columns of the first line, after its name
_IDLE, _IOWAIT, _GUEST = 3, 4, 8


class Processors:
    def __init__(self, stat: Path = STAT) -> None:
        self._stat = stat
        self._idle, self._total = self._ticks()
        self._have_spare = True

    def have_spare(self) -> bool:
        """Whether they were idle for a tenth of the time since the last call."""
        idle, total = self._ticks()
        if total > self._total:
            self._have_spare = idle - self._idle >= SPARE_SHARE * (total - self._total)
            self._idle, self._total = idle, total
        return self._have_spare

    def _ticks(self) -> tuple[int, int]:
        """Of all processors: idle, and in all."""
        ticks = [*map(int, self._stat.read_text().partition("\n")[0].split()[1:])]
        # user time includes that of guests
        return ticks[_IDLE] + ticks[_IOWAIT], sum(ticks[:_GUEST])
