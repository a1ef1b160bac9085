"""One reader for each kind of document, each with its pages, slides, sheets, headings or lines."""
