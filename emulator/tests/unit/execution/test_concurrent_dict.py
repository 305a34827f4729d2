from localstack_serverless.execution.concurrent_dict import ConcurrentDict


def test_entries_may_come_and_go_while_somebody_walks_over_the_values() -> None:
    numbers = ConcurrentDict({str(number): number for number in range(3)})

    for number in numbers.values():
        del numbers[str(number)]
        numbers[f"new {number}"] = number

    assert [*numbers] == ["new 0", "new 1", "new 2"]
