"""For operators: people, the audit log, and how orchat is."""

from orchat.ui import frame

if frame.entered():
    from orchat.ui import admin_page

    admin_page.draw()
