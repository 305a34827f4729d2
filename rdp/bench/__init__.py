"""Measure a running stack.

measure.py    the measurements
load.py       a load of requests
client.py     a process of clients that send as fast as they are answered
memory.py     memory of the emulator's processes
processor.py  processor time of the emulator's processes, by part
page.py       writes the results into a page, between its markers
"""
