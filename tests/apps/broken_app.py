"""An app that raises an exception when it is imported."""

raise RuntimeError("broken on purpose")
