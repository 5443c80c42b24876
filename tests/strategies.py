"""What Hypothesis draws in several files of tests."""

from hypothesis import strategies as st

from d2lmini.core import schedules

SCHEDULES = st.one_of(
    st.builds(schedules.constant),
    st.builds(schedules.power, st.floats(-3, -0.01), st.integers(0, 1000)),
    st.builds(schedules.exponential, st.floats(0.01, 1), st.sampled_from(schedules.UNITS)),
    st.builds(schedules.step, st.floats(1, 100), st.integers(1, 10)),
    st.builds(schedules.cosine, st.integers(1, 1000)),
)
