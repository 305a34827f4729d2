"""Break the running stack on purpose, and check that nothing is lost.

catalogue.py    the experiments, by name
disruptions.py  what can be broken, and how it is healed
api.py          the emulator's fault injection
leftovers.py    what a killed run changed, and the next run restores
signals.py      Ctrl-C and other signals wait until all is healed
plan.py         which logs an experiment sends
load.py         sending them, and recording every answer
trial.py        one experiment: break, send, heal, wait until quiet, gather what is left
run.py          experiments one after the other
evidence.py     the evidence of a run, as JSON
findings.py     the three verdicts: holds, broken, unknown
invariants.py   checks of I1-I6
checks.py       checks of one experiment: that its fault struck, and what came of it
judge.py        from evidence to verdicts
schedule.py     random overlapping disruptions, and the shortest schedule that still fails
sabotage.py     a worker that breaks invariants, to test the checks
timeline.py     what happened during a run, second by second
report.py       the same as one HTML file
"""
