"""Measure a running stack.

measure.py  the measurements
client.py   one process of clients that ask as fast as they are answered
page.py     the results, in a page between its markers
"""
