"""One function for each command: `command.upgrade(config, "head")` does what `limbeck upgrade head` does.

Functions raise CommandError where the command line would exit (API-2).
"""

from limbeck.base.lazy import lazy_exports

_HOMES = {
    "comparison": "check",
    "database": "current downgrade ensure_version stamp upgrade",
    "demonstration.walk": "demo",
    "diagnosis.doctor": "doctor",
    "explaining": "explain",
    "listing": "branches heads history show",
    "locking": "lock",
    "picture": "graph",
    "planning": "plan",
    "project": "init list_templates",
    "resuming": "resume",
    "revisions": "edit merge revision",
    "standing": "status",
    "unfinished": "repair",
    "waiting": "wait",
}

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "ScriptDirectory": "limbeck.script.base:ScriptDirectory",
        "os": "os",
        **{
            name: f"limbeck.command.{home}:{name}" for home, names in _HOMES.items() for name in names.split()
        },
    },
)
