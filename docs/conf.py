"""How Sphinx builds these pages: `make docs`."""

from limbeck import __version__

project = "limbeck"
author = "the limbeck developers"
release = __version__
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = f"limbeck {release}"
highlight_language = "python"
suppress_warnings = ["misc.highlighting_failure"]
