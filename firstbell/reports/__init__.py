"""Tables, returns, evidence: facts laid out for a reader."""
