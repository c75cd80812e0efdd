"""Print the ten largest source files: a number near 400 is a question, not a fault."""

from pathlib import Path

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Print lines and names, the largest first."""
    sizes = {
        path.relative_to(ROOT): len(path.read_text(encoding="utf-8").splitlines())
        for path in (ROOT / "src").rglob("*.py")
    }
    print("the ten largest files:")
    for path, lines in sorted(sizes.items(), key=lambda item: -item[1])[:10]:
        print(f"{lines:5} {path}")


if __name__ == "__main__":
    main()
