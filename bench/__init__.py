"""The comparison: tandem's models, measured side by side with wrk. ``./dev bench --help`` lists the options."""
