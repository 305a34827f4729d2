"""Measure a running stack.

measure.py  the measurements
client.py   a process of clients that send as fast as they are answered
page.py     writes the results into a page, between its markers
"""
