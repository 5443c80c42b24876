"""Numbers only: minibatch SGD on linear regression, its schedules, its noise and its theory, in NumPy 1.23 or newer.

Nothing here imports torch, pandas, plotly or a widget, so that any framework's environment can hold itself to it.
"""
