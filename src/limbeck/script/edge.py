"""The edge of this floor: what the graph refuses becomes an error that a user can act on (API-21)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from limbeck import errors

Paths = Callable[[], Mapping[str, str]]


@contextmanager
def clean_errors(
    paths: Paths, *, several_heads: str | None = None, not_ancestor: str | None = None
) -> Iterator[None]:
    """Turn a RevisionError inside the block into a CommandError, which keeps it as its cause.

    `paths` tells which file a revision is in. `several_heads` and `not_ancestor` are the sentences for those
    two cases, where the caller knows better what was asked.
    """
    try:
        yield
    except errors.MultipleHeads as error:
        message = several_heads or (
            f"Multiple head revisions are present for given argument '{error.argument}'; please specify a "
            f"specific target revision, '<branchname>@{error.argument}' to narrow to a specific head, or "
            "'heads' for all heads"
        )
        raise errors.SeveralHeads(message, heads=error.heads, argument=error.argument) from error
    except errors.RangeNotAncestorError as error:
        raise errors.UnreachableRevision(
            not_ancestor or str(error), hint="`limbeck history` shows which revision follows which"
        ) from error
    except errors.RevisionError as error:
        raise _translated(error, paths()) from error


def _translated(error: errors.RevisionError, paths: Mapping[str, str]) -> errors.CommandError:
    match error:
        case errors.AmbiguousIdentifier(argument=asked, candidates=candidates):
            return errors.AmbiguousRevision(asked=asked, candidates=candidates)
        case errors.ResolutionError(argument=asked):
            return errors.UnknownRevision(asked=asked, near=_find_near(asked, paths), hint=_why(error, asked))
        case errors.TargetError():
            return errors.UnreachableRevision(str(error), hint=error.hint)
        case errors.MissingReference(revision=revision, missing=missing, relation=relation):
            path = paths.get(revision)
            line = None if path is None else _find_line(path, missing)
            return errors.MissingRevision(
                revision=revision, missing=missing, relation=relation, path=path, line=line
            )
        case errors.CycleDetected(revisions=revisions):
            return errors.BrokenHistory(str(error), revisions=revisions, paths=_paths_of(revisions, paths))
        case errors.DuplicateLabel(label=label, revision=revision, other=other):
            found = _paths_of((revision, other), paths)
            advice = f"give `branch_labels` of {revision} another name than {label!r}"
            return errors.BrokenHistory(str(error), revisions=(revision, other), paths=found, hint=advice)
    return errors.CommandError(str(error), hint=error.hint)


def _why(error: errors.ResolutionError, asked: str) -> str | None:
    """What is to be said besides "cannot locate", if it is more than that."""
    usual = str(error).startswith("No such revision")
    return None if usual else f"{error}; `limbeck history` lists the revisions there are"


def _find_near(asked: str, known: Mapping[str, str]) -> list[str]:
    from difflib import get_close_matches

    return get_close_matches(asked, list(known), n=2)


def _paths_of(revisions: Sequence[str], paths: Mapping[str, str]) -> list[str]:
    return [paths[revision] for revision in dict.fromkeys(revisions) if revision in paths]


def _find_line(path: str, missing: str) -> int | None:
    """Where a file names a revision that does not exist; None if that cannot be seen."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            for number, line in enumerate(file, 1):
                if f"'{missing}'" in line or f'"{missing}"' in line:
                    return number
    except OSError:
        pass
    return None
