"""What the demo shows: a shop with three tables that grows, has customers, and once asks for too much."""

from __future__ import annotations

from typing import NamedTuple

DATABASE = "shop.db"
MODELS_FILE = "shop.py"
MODELS = '''"""The shop's tables."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, MetaData, Numeric, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Customer(Base):
    __tablename__ = "customer"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(120))
    name: Mapped[str] = mapped_column(String(60))


class Product(Base):
    __tablename__ = "product"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(100), index=True)
    price: Mapped[Decimal] = mapped_column(Numeric(10, 2))

    __table_args__ = (CheckConstraint("price >= 0", name="price_not_negative"),)


class Order(Base):
    __tablename__ = "purchase_order"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
'''


class Say(NamedTuple):
    """Tells what comes next."""

    text: str


class Run(NamedTuple):
    """Runs a command of limbeck, which ends with this code."""

    words: tuple[str, ...]
    exit_code: int = 0


class Edit(NamedTuple):
    """Replaces a passage in the newest file with such a name, and shows the new one."""

    files: str
    before: str
    after: str


class ShowNewest(NamedTuple):
    """Shows the newest file with such a name."""

    files: str


class Fill(NamedTuple):
    """Gives rows to the database."""

    statement: str
    rows: tuple[tuple[object, ...], ...]


Step = Say | Run | Edit | ShowNewest | Fill
REVISIONS = "migrations/versions/*.py"

STEPS: tuple[Step, ...] = (
    Say(f"A project: where the models are ({MODELS_FILE}), and which database. There is no file to edit."),
    Run(("init", "--models", "shop", "--url", f"sqlite:///{DATABASE}", "--save-url")),
    Say("The first revision is the difference between the models and an empty database."),
    Run(("revision", "--autogenerate", "-m", "first tables")),
    ShowNewest(REVISIONS),
    Run(("upgrade", "head")),
    Say("The models change: longer names, and a telephone number with an index."),
    Edit(
        MODELS_FILE,
        "    name: Mapped[str] = mapped_column(String(60))\n",
        "    name: Mapped[str] = mapped_column(String(100))\n"
        "    phone: Mapped[str | None] = mapped_column(String(30), index=True)\n",
    ),
    Say("`check` ends with an error, for the database is not what the models say. Good for a test."),
    Run(("check",), exit_code=255),
    Run(("revision", "--autogenerate", "-m", "telephone numbers")),
    Say("What would that do? `plan` asks nothing and changes nothing."),
    Run(("plan",)),
    Run(("upgrade", "head")),
    Say("Customers come. Two of them have the same mail address, which will be in the way in a moment."),
    Fill(
        "INSERT INTO customer (email, name, phone) VALUES (?, ?, ?)",
        (
            ("ada@example.org", "Ada", None),
            ("ben@example.org", "Ben", "555 0142"),
            ("ada@example.org", "Ada again", None),
        ),
    ),
    Edit(
        MODELS_FILE,
        "    phone: Mapped[str | None] = mapped_column(String(30), index=True)\n",
        "    phone: Mapped[str | None] = mapped_column(String(30), index=True)\n"
        '    __table_args__ = (Index("ux_customer_email", "email", unique=True),)\n',
    ),
    Run(("revision", "--autogenerate", "-m", "one customer for each address")),
    Say("The next command fails: it says what, where, in which state the database is, and what to do."),
    Run(("upgrade", "head"), exit_code=1),
    Say("Everything was undone. Let the revision take the second row away before it makes the index."),
    Edit(
        REVISIONS,
        '    """Change the database to this revision."""\n',
        '    """Change the database to this revision."""\n'
        '    op.execute("DELETE FROM customer WHERE id NOT IN (SELECT min(id) FROM customer GROUP BY email)")\n',
    ),
    Run(("upgrade", "head")),
    Run(("history", "--indicate-current")),
    Say("Back, and forward again."),
    Run(("downgrade", "-1")),
    Run(("status",)),
    Run(("upgrade", "head")),
    Run(("check",)),
)
"""In their order; each command finds what the one before has left."""
