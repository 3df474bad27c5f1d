"""Logs more than the queue holds in one go, and ends: all of it is sent in one request."""

import sys

from client import Client

client = Client(sys.argv[1], "exit", batch_size=1_000_000, flush_interval=3600)
for i in range(10_000):
    client.log("INFO", f"line {i}", number=i)
