"""One function for each command: `command.upgrade(config, "head")` does what `limbeck upgrade head` does.

Functions raise CommandError where the command line would exit (API-2).
"""

from limbeck.base.lazy import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "ScriptDirectory": "limbeck.script.base:ScriptDirectory",
        "branches": "limbeck.command.listing:branches",
        "check": "limbeck.command.comparison:check",
        "current": "limbeck.command.database:current",
        "doctor": "limbeck.command.diagnosis.doctor:doctor",
        "downgrade": "limbeck.command.database:downgrade",
        "edit": "limbeck.command.revisions:edit",
        "ensure_version": "limbeck.command.database:ensure_version",
        "graph": "limbeck.command.picture:graph",
        "heads": "limbeck.command.listing:heads",
        "history": "limbeck.command.listing:history",
        "init": "limbeck.command.project:init",
        "list_templates": "limbeck.command.project:list_templates",
        "merge": "limbeck.command.revisions:merge",
        "os": "os",
        "plan": "limbeck.command.planning:plan",
        "revision": "limbeck.command.revisions:revision",
        "show": "limbeck.command.listing:show",
        "stamp": "limbeck.command.database:stamp",
        "status": "limbeck.command.status:status",
        "upgrade": "limbeck.command.database:upgrade",
    },
)
