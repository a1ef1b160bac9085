"""A script that does nothing but freeze, once, what is alive: Streamlit collects garbage after every run."""

import gc

if not gc.get_freeze_count():
    gc.collect()
    gc.freeze()
