<%!
import re
%>\
"""${message}

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}
Create Date: ${create_date}

"""

from collections.abc import Sequence

import sqlalchemy as sa
from limbeck import op
% if imports:
${imports}
% endif

revision: str = ${repr(up_revision)}
down_revision: str | Sequence[str] | None = ${repr(down_revision)}
branch_labels: str | Sequence[str] | None = ${repr(branch_labels)}
depends_on: str | Sequence[str] | None = ${repr(depends_on)}


def upgrade(engine_name: str) -> None:
    """Change one of the databases to this revision."""
    globals()[f"upgrade_{engine_name}"]()


def downgrade(engine_name: str) -> None:
    """Undo in one of the databases what upgrade() did."""
    globals()[f"downgrade_{engine_name}"]()

% for name in re.split(r"[\s,]+", config.get_main_option("databases", "").strip()):

def upgrade_${name}() -> None:
    """Change ${name} to this revision."""
    ${context.get(f"{name}_upgrades") or "pass"}


def downgrade_${name}() -> None:
    """Undo in ${name} what upgrade_${name}() did."""
    ${context.get(f"{name}_downgrades") or "pass"}

% endfor
