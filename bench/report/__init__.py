"""What a comparison is shown as: tables on the terminal, report.html, report.md, results.json."""
