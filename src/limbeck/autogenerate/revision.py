"""From one `revision` command to the files it writes: compare, let hooks change the result, render, write."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from typing import Any, Protocol

from limbeck import errors
from limbeck.autogenerate import order
from limbeck.autogenerate.compare import populate_upgrade_ops
from limbeck.autogenerate.context import AutogenContext
from limbeck.autogenerate.render import render_cmd_body
from limbeck.config import Config
from limbeck.operations import ops
from limbeck.runtime.migration import MigrationContext
from limbeck.script.draft import new_revision_id

UPGRADES, DOWNGRADES = "upgrades", "downgrades"


class Scripts(Protocol):
    """What writing a revision asks of a ScriptDirectory."""

    def get_revisions(self, id_: Any) -> Iterable[Any]: ...
    def generate_revision(self, revid: str, message: str | None, **kw: Any) -> Any: ...


class RevisionContext:
    """The revision files that one `revision` or `check` command is about to write.

    env.py may run migrations several times, once for each database; every run adds its operations, under the
    tokens it was configured with, to the same script (AUT-100, RUN-7).
    """

    generated_revisions: list[ops.MigrationScript]
    """The scripts to be written: one at first, as many as hooks make of it in the end."""
    template_args: dict[str, Any]
    """Variables for the template; `configure(template_args=…)` adds to them (TPL-7)."""

    def __init__(
        self,
        config: Config,
        script_directory: Scripts,
        command_args: dict[str, Any],
        process_revision_directives: Callable[..., None] | None = None,
    ) -> None:
        self.config = config
        self.script_directory = script_directory
        self.command_args = command_args
        self.process_revision_directives = process_revision_directives
        self.template_args = {"config": config}
        self.generated_revisions = [self._empty_script()]
        # Each group of operations is rendered for the database it was found in.
        self._contexts: dict[str, AutogenContext] = {}
        self._has_run = False

    def run_autogenerate(self, rev: Any, migration_context: MigrationContext) -> None:
        """Compare the database with the models and add what differs (CLI-31).

        `rev` are the rows of the version table. Raises NotUpToDate unless they are the heads, NoTargetMetadata
        and AutogenerateNeedsDatabase if there is nothing to compare (AUT-2), NoTablesInModels if the models
        define no table and the database has some, unless the command was told to allow that.
        """
        self._check_is_at_head(rev)
        context = AutogenContext(migration_context)
        upgrade, downgrade = self._new_groups(context)
        populate_upgrade_ops(context, upgrade)
        if not self.command_args.get("allow_drops"):
            _check_defines_tables(context, upgrade)
        order.fill_downgrade(migration_context.impl, upgrade, downgrade)
        self._run_hooks(rev, migration_context)

    def run_no_autogenerate(self, rev: Any, migration_context: MigrationContext) -> None:
        """Let the hooks of env.py see the empty script, and change it (`revision_environment`, AUT-100)."""
        self._new_groups(AutogenContext(migration_context, autogenerate=False))
        self._run_hooks(rev, migration_context)

    def generate_scripts(self) -> Iterator[Any]:
        """Write the files, one after the other, and give the Script of each."""
        if not self._has_run and self.process_revision_directives:
            self.process_revision_directives(None, (), self.generated_revisions)
        for script in self.generated_revisions:
            yield self._write(script)

    # --- what is written ----------------------------------------------------------------------------------

    def _empty_script(self) -> ops.MigrationScript:
        """A script without operations, as the command asked for it."""
        wanted = self.command_args
        return ops.MigrationScript(
            rev_id=wanted.get("rev_id") or new_revision_id(),
            message=wanted.get("message"),
            upgrade_ops=ops.UpgradeOps([]),
            downgrade_ops=ops.DowngradeOps([]),
            head=wanted.get("head"),
            splice=wanted.get("splice"),
            branch_label=wanted.get("branch_label"),
            version_path=wanted.get("version_path"),
            depends_on=wanted.get("depends_on"),
        )

    def _new_groups(self, context: AutogenContext) -> tuple[ops.UpgradeOps, ops.DowngradeOps]:
        """The groups that this run fills: those of the empty script, or further ones beside them."""
        if not self.generated_revisions:  # a hook found nothing worth writing in an earlier database
            self.generated_revisions.append(self._empty_script())
            self._has_run = False
        script = self.generated_revisions[-1]
        upgrade = ops.UpgradeOps([], context.opts.get("upgrade_token") or UPGRADES)
        downgrade = ops.DowngradeOps([], context.opts.get("downgrade_token") or DOWNGRADES)
        script.upgrade_ops = [*(script.upgrade_ops_list if self._has_run else ()), upgrade]
        script.downgrade_ops = [*(script.downgrade_ops_list if self._has_run else ()), downgrade]
        self._contexts[upgrade.upgrade_token] = self._contexts[downgrade.downgrade_token] = context
        self._has_run = True
        return upgrade, downgrade

    def _run_hooks(self, rev: Any, migration_context: MigrationContext) -> None:
        """The hook that env.py configured, then the one given to the command (CLI-33)."""
        for hook in (
            migration_context.opts.get("process_revision_directives"),
            self.process_revision_directives,
        ):
            if hook:
                hook(migration_context, rev, self.generated_revisions)

    def _check_is_at_head(self, rev: Any) -> None:
        current = {script.revision for script in self.script_directory.get_revisions(rev) if script}
        heads = {script.revision for script in self.script_directory.get_revisions("heads") if script}
        if current != heads:
            raise errors.NotUpToDate(current=sorted(current), heads=sorted(heads))

    def _write(self, script: ops.MigrationScript) -> Any:
        variables = {UPGRADES: "", DOWNGRADES: "", "imports": "", **self.template_args}
        if self._has_run:
            render_into(variables, script, self._contexts)
        return self.script_directory.generate_revision(
            script.rev_id or new_revision_id(),
            script.message,
            head=script.head,
            splice=script.splice,
            branch_labels=script.branch_label,
            version_path=script.version_path,
            depends_on=script.depends_on,
            **variables,
        )


def _check_defines_tables(context: AutogenContext, upgrade: ops.UpgradeOps) -> None:
    """Refuse to drop every table because the modules with the models were not imported."""
    if context.table_key_to_table:
        return
    dropped = [operation for operation in upgrade.ops if isinstance(operation, ops.DropTableOp)]
    if dropped:
        names = [".".join(filter(None, (table.schema, table.table_name))) for table in dropped]
        raise errors.NoTablesInModels(tables=sorted(names), models=context.opts.get("models"))


def render_into(
    variables: MutableMapping[str, Any],
    script: ops.MigrationScript,
    contexts: Mapping[str, AutogenContext],
) -> None:
    """Put a script as Python among the variables of a template: each group under its token, and the imports (TPL-7).

    `contexts` has the context of each token. A group that a hook made with a token of its own is rendered in
    the last one.
    """
    last = list(contexts.values())[-1]
    groups: list[tuple[str, ops.OpContainer]] = [
        *((group.upgrade_token, group) for group in script.upgrade_ops_list),
        *((group.downgrade_token, group) for group in script.downgrade_ops_list),
    ]
    imports = set(script.imports)
    for token, group in groups:
        context = contexts.get(token, last)
        found_before, context.imports = context.imports, set(context.imports)
        variables[token] = render_cmd_body(group, context)
        imports |= context.imports
        context.imports = found_before
    variables["imports"] = "\n".join(sorted(imports))


def _render_migration_diffs(context: MigrationContext, template_args: MutableMapping[str, Any]) -> None:
    """Compare, and put the result among the variables of a template; for tests of dialects and extensions."""
    autogen_context = AutogenContext(context)
    upgrade = ops.UpgradeOps([])
    populate_upgrade_ops(autogen_context, upgrade)
    downgrade = order.fill_downgrade(context.impl, upgrade, ops.DowngradeOps([]))
    script = ops.MigrationScript(None, upgrade, downgrade)
    render_into(template_args, script, {UPGRADES: autogen_context})
