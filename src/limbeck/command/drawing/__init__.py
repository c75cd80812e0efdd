"""Pictures of a history: lines of text, Mermaid, Graphviz, SVG. All of them take the same nodes."""
