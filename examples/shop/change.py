"""The change of the models in the middle of the demo: (what stands there, what shall stand there)."""

EDITS = [
    (  # a longer string, and a new nullable column with an index
        "    name: Mapped[str] = mapped_column(String(60))\n    joined:",
        "    name: Mapped[str] = mapped_column(String(100))\n"
        "    phone: Mapped[str | None] = mapped_column(String(30), index=True)\n    joined:",
    ),
    (  # a new table
        "class Review(Base):",
        '''class Coupon(Base):
    """A discount for one customer."""

    __tablename__ = "coupon"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(String(16), unique=True)
    percent: Mapped[int]

    __table_args__ = (CheckConstraint("percent BETWEEN 1 AND 100", name="percent_in_range"),)


class Review(Base):''',
    ),
]
