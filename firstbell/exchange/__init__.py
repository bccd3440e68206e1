"""Outside formats in and out: how do other people's files become our facts, and ours theirs?

One package or module for each format; each refuses what it cannot read completely and says where and why.
Knows nothing of the law beyond asking `statute`, and of no database.
"""
