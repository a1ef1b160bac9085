"""Documents to search in: one's own, and those that are shared with everybody."""

from orchat.ui import frame

if frame.entered():
    from orchat.ui import files_page

    files_page.draw()
