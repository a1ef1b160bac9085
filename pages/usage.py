"""What was spent."""

from orchat.ui import frame

if frame.entered():
    from orchat.ui import usage_page

    usage_page.draw()
