"""How many examples a property test tries: 50, or 2,000 with HYPOTHESIS_PROFILE=many (`make property`)."""

from __future__ import annotations

import os

from hypothesis import settings

# No deadline: a slow machine is no fault of the code.
settings.register_profile("default", max_examples=50, deadline=None)
settings.register_profile("many", max_examples=2000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
