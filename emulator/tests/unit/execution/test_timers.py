import threading

from localstack_serverless.execution.timers import SharedTimer

SECONDS = 5


def test_function_is_called_with_its_arguments() -> None:
    called = threading.Event()
    SharedTimer(0.01, lambda event: event.set(), [called]).start()
    assert called.wait(SECONDS)


def test_timers_are_called_in_the_order_in_which_they_are_due() -> None:
    called: list[str] = []
    done = threading.Event()
    for seconds, name in ((0.2, "late"), (0.05, "early")):
        SharedTimer(seconds, called.append, [name]).start()
    SharedTimer(0.3, done.set).start()
    assert done.wait(SECONDS)
    assert called == ["early", "late"]


def test_cancelled_timer_calls_nothing() -> None:
    called: list[str] = []
    done = threading.Event()
    timer = SharedTimer(0.05, called.append, ["cancelled"])
    timer.start()
    timer.cancel()
    SharedTimer(0.1, done.set).start()
    assert done.wait(SECONDS)
    assert called == []
