"""Compare the models with a database, and write what differs as a revision."""

from limbeck.base.lazy import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "RevisionContext": "limbeck.autogenerate.api:RevisionContext",
        "Rewriter": "limbeck.autogenerate.rewriter:Rewriter",
        "_produce_net_changes": "limbeck.autogenerate.compare:_produce_net_changes",
        "_render_migration_diffs": "limbeck.autogenerate.revision:_render_migration_diffs",
        "api": "limbeck.autogenerate.api",
        "comparators": "limbeck.autogenerate.chain:comparators",
        "compare": "limbeck.autogenerate.compare",
        "compare_metadata": "limbeck.autogenerate.api:compare_metadata",
        "produce_migrations": "limbeck.autogenerate.api:produce_migrations",
        "render": "limbeck.autogenerate.render",
        "render_op_text": "limbeck.autogenerate.render:render_op_text",
        "render_python_code": "limbeck.autogenerate.api:render_python_code",
        "renderers": "limbeck.autogenerate.render:renderers",
        "rewriter": "limbeck.autogenerate.rewriter",
    },
)
