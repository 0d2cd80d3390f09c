"""An app that fails to be imported."""

raise RuntimeError("broken on purpose")
