"""Documented path for what finds and runs Python files."""

from limbeck.base.lazy import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "load_python_file": "limbeck.script.module:load_python_file",
        "pyc_file_from_path": "limbeck.script.bytecode:find_bytecode",
    },
)
