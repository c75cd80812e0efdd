"""For tests of extensions and dialects: fixtures and assertions, most of them SQLAlchemy's own."""

from limbeck.base.lazy import lazy_exports

__getattr__, __dir__, __all__ = lazy_exports(
    __name__,
    {
        "TestBase": "limbeck.testing.fixtures:TestBase",
        "assert_raises_message": "limbeck.testing.assertions:assert_raises_message",
        "assertions": "limbeck.testing.assertions",
        "combinations": "sqlalchemy.testing:combinations",
        "env": "limbeck.testing.env",
        "eq_": "sqlalchemy.testing:eq_",
        "expect_raises_message": "limbeck.testing.assertions:expect_raises_message",
        "fixtures": "limbeck.testing.fixtures",
        "requirements": "limbeck.testing.requirements",
    },
)
