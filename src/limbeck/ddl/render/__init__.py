"""How values, names and types read as Python: neutral rules that dialects and `autogenerate.render` build on."""
