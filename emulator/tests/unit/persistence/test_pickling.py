import pickle
import threading

from localstack.services.sqs.models import StandardQueue

from localstack_serverless.persistence import pickling


def test_queue_has_its_settings_and_no_message(queue: StandardQueue) -> None:
    queue.attributes["VisibilityTimeout"] = "77"
    queue.put({"MessageId": "id", "Body": "body"})
    with queue.mutex:
        content = pickling.dumps(queue)
    restored = pickle.loads(content)
    assert restored.visibility_timeout == 77
    assert restored.approximate_number_of_messages == 0
    assert restored.mutex.acquire(blocking=False)


def test_locked_lock_is_restored_unlocked() -> None:
    lock = threading.Lock()
    with lock:
        content = pickling.dumps({"lock": lock})
    assert pickle.loads(content)["lock"].acquire(blocking=False)
