"""Break the running stack on purpose, and prove that nothing is lost.

catalogue.py    the experiments, by name
disruptions.py  what can be broken, and how it is healed
plan.py         which logs an experiment sends
load.py         sending them, and who was answered what
run.py          one experiment: break, send, heal, wait until quiet, check
invariants.py   I1-I6, checked
schedule.py     random overlapping disruptions, and the shortest that still fail
timeline.py     what a run looked like, second by second
report.py       the same as one HTML file
"""
