"""Turn a research question into a public record that a stranger can check."""

__version__ = "0.1.0"
