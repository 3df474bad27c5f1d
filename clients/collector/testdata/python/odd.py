"""What a program may log by mistake."""

import sys

from client import Client

client = Client(sys.argv[1], "odd", flush_interval=3600)
client.log("INFO", "nan", value=float("nan"), up=float("inf"), down=float("-inf"))
client.log("INFO", "big", value=123456789012345678901234567890, small=-(2**63) - 1)
client.log("INFO", "half a pair \ud83d", value="\udc00")
client.log("INFO", "nul \x00 here")
client.log(None, "null fields", error_type=None, user_id=None, path=None)
client.log("INFO", "numeric user", user_id=42)
client.log("INFO", "in milliseconds", created_at=1795219903603)
client.log("INFO", "in seconds", created_at=1795219903.603)
client.log("INFO", "not dated", created_at=0)
client.log("AUDIT", "a level of its own")
client.log("INFO", {"not": "a text"}, duration_ms="long", metadata="no object")
client.log("INFO", "한국어 😀 <b>&")
