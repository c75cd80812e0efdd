"""A FastAPI application that brings its database to the newest revision before it serves.

DATABASE_URL=sqlite+aiosqlite:///shop.db uvicorn shop.app:app
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, HTTPException
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

import limbeck.aio
from shop.models import Product

MIGRATIONS = "shop:migrations"
engine = create_async_engine(os.environ["DATABASE_URL"])


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    await limbeck.aio.upgrade(engine, script_location=MIGRATIONS)
    yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)


@app.get("/ready")
async def ready() -> str:
    """Whether requests may come: asked by whoever distributes them."""
    if not await limbeck.aio.at_head(engine, script_location=MIGRATIONS):
        raise HTTPException(503, "the database is not at the newest revision")
    return "ready"


@app.post("/products/{name}")
async def add_product(name: str) -> int:
    async with AsyncSession(engine) as session, session.begin():
        product = Product(name=name)
        session.add(product)
        await session.flush()
        return product.id


@app.get("/products")
async def list_products() -> list[str]:
    async with AsyncSession(engine) as session:
        return list(await session.scalars(select(Product.name).order_by(Product.id)))
