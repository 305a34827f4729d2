"""What /proc/stat says about the processors."""

from pathlib import Path

from localstack_serverless.event_source.processors import Processors


def write(stat: Path, *, busy: int, idle: int) -> None:
    """Half of the idle time waits for a disk; a guest's time is also in the user's."""
    stat.write_text(f"cpu  {busy} 0 0 {idle // 2} {idle - idle // 2} 0 0 0 {busy} 0\ncpu0 1 1\n")


def test_share_of_idle_time_since_the_last_call_decides(tmp_path: Path) -> None:
    stat = tmp_path / "stat"
    write(stat, busy=1000, idle=1000)
    processors = Processors(stat)

    write(stat, busy=1095, idle=1005)
    assert not processors.have_spare()
    # nothing has passed since
    assert not processors.have_spare()

    write(stat, busy=1185, idle=1015)
    assert processors.have_spare()


def test_this_machine_has_such_a_file() -> None:
    assert Processors().have_spare() in (True, False)
