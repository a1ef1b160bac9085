"""The models on offer."""

from orchat.ui import frame

if frame.entered():
    from orchat.ui import models_page

    models_page.draw()
