"""What does a school publish, and what does a new version of its policy change? A policy in people's words.

`document` lays a policy out as the document that parents and staff read, `page` shows it in a browser,
`morning` and `chart` draw the flow chart of the first morning, `changes` says what another version asks
otherwise. All of them take the words for a rule from `kinds`.
"""
