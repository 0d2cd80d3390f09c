"""The method of a comparison: experiments, trials in interleaved rounds, significance and validity."""
