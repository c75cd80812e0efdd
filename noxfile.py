"""The matrix: every supported Python with both supported lines of SQLAlchemy. `nox` runs what is installed."""

import nox

nox.options.default_venv_backend = "uv|virtualenv"
nox.options.error_on_missing_interpreters = False

PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
SQLALCHEMY = ["2.0", "2.1"]


@nox.session(python=PYTHONS)
@nox.parametrize("sqlalchemy", SQLALCHEMY)
def test(session: nox.Session, sqlalchemy: str) -> None:
    """Run the test suite."""
    project = nox.project.load_toml("pyproject.toml")
    session.install("-e", ".", *nox.project.dependency_groups(project, "test"))
    session.install(f"sqlalchemy~={sqlalchemy}.0")
    session.run("pytest", "-n", "auto", *session.posargs)
