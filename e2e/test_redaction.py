"""I5: the pipeline's version of a text has no phone number."""

from e2e.answers import assert_accepted
from e2e.tenant import Tenant

REDACTED = {
    "local": ("555-0199", "[REDACTED]"),
    "national": ("a 555-123-4567 b", "a [REDACTED] b"),
    "parentheses": ("(555) 123-4567", "[REDACTED]"),
    "international": ("+1 555 123 4567", "[REDACTED]"),
    "british": ("+44 20 7946 0958", "[REDACTED]"),
    "two": ("555-0199, 555-0142", "[REDACTED], [REDACTED]"),
    "url": ("to=%2B1%20555%20123%204567&n=1", "to=[REDACTED]&n=1"),
    "json": (r'{"log": "{\"phone\": \"5551234567\"}"}', r'{"log": "{\"phone\": \"[REDACTED]\"}"}'),
    "colour": ("\x1b[31m555-0199\x1b[0m", "\x1b[31m[REDACTED]\x1b[0m"),
}
KEPT = {
    "date": "2026-11-22",
    "time": "21:47:15.123",
    "address": "192.168.10.254",
    "uuid": "6f1c2f0e-5550-4199-8a55-501995550199",
    "version": "v10.4.5550",
    "price": "$1,555.01",
    "card": "4111 1111 1111 1111",
    "order": "order 20265550199",
}


def test_phone_numbers_go_and_the_rest_stays(tenant: Tenant) -> None:
    expected = REDACTED | {name: (text, text) for name, text in KEPT.items()}

    for log_id, (text, _) in expected.items():
        assert_accepted(tenant.post_text(text, log_id=log_id))

    found = {
        record.log_id: (record.original_text, record.modified_data)
        for record in tenant.wait_for_records(len(expected))
    }
    assert found == expected
