"""Break the running stack on purpose, and prove that nothing is lost.

catalogue.py    the experiments, by name
disruptions.py  what can be broken, and how it is healed
api.py          the emulator's fault injection
leftovers.py    what a killed run changed, and the next one puts back
signals.py      what ends the process waits until all is healed
plan.py         which logs an experiment sends
load.py         sending them, and who was answered what
trial.py        one experiment: break, send, heal, wait until quiet, gather what is left
run.py          experiments one after the other
evidence.py     what a run left, kept as JSON
findings.py     the three verdicts: holds, broken, unknown
invariants.py   I1-I6, checked
checks.py       what else an experiment checks: that its fault struck
judge.py        from evidence to verdicts
schedule.py     random overlapping disruptions, and the shortest that still fail
sabotage.py     a worker that breaks invariants, to see that this is caught
timeline.py     what a run looked like, second by second
report.py       the same as one HTML file
"""
