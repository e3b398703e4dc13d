// Three at once on two processors: most of what these tests do is wait, for heartbeats that fail to come and processes that start.
[assembly: CollectionBehavior(MaxParallelThreads = 3)]
