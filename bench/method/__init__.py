"""How a comparison is made: experiments, trials in interleaved rounds, and what of them is significant, or invalid."""
