"""A Flask application that brings its database to the newest revision when it is made.

DATABASE_URL=sqlite:///shop.db flask --app shop.app run
"""

import os

from flask import Flask
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

import limbeck
from shop.models import Base, Product

MIGRATIONS = "shop:migrations"


def create_app(url: str | None = None) -> Flask:
    """Make the application; `flask` calls this."""
    app = Flask(__name__)
    engine = create_engine(url or os.environ["DATABASE_URL"])
    limbeck.upgrade(engine, script_location=MIGRATIONS)

    @app.get("/ready")
    def ready() -> tuple[str, int]:
        """Whether requests may come: asked by whoever distributes them."""
        if limbeck.at_head(engine, script_location=MIGRATIONS):
            return "ready", 200
        return "the database is not at the newest revision", 503

    @app.post("/products/<name>")
    def add_product(name: str) -> str:
        with Session(engine) as session, session.begin():
            product = Product(name=name)
            session.add(product)
            session.flush()
            return str(product.id)

    @app.get("/products")
    def list_products() -> list[str]:
        with Session(engine) as session:
            return list(session.scalars(select(Product.name).order_by(Product.id)))

    @app.cli.command("check-models")
    def check_models() -> None:
        """Tell what the models say and the database does not."""
        for difference in limbeck.check(engine, script_location=MIGRATIONS, target_metadata=Base.metadata):
            print(difference.kind, *difference.details)

    return app
