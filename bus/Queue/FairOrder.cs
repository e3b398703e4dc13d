namespace ToolRuntime.Bus.Queue;

/// <summary>
/// What waits to begin, by tenant and function: each tenant in turn, and of a tenant each function in turn. So what a tenant has queued delays others
/// by one call of its own for each of theirs, however much it is. Not thread-safe.
/// </summary>
/// <typeparam name="T">What waits.</typeparam>
internal sealed class FairOrder<T>
{
    private readonly Turns<Turns<Queue<T>>> _tenants = new();

    /// <summary>How many wait.</summary>
    public int Count { get; private set; }

    /// <summary>Adds one behind those of its tenant and function.</summary>
    public void Enqueue(string tenant, string function, T item)
    {
        _tenants.Of(tenant).Of(function).Enqueue(item);
        Count++;
    }

    /// <summary>Takes the next in turn; false where nothing waits.</summary>
    public bool TryDequeue(out T item)
    {
        if (Count == 0)
        {
            item = default!;
            return false;
        }

        var functions = _tenants.Next();
        var queue = functions.Next();
        item = queue.Dequeue();
        Count--;
        functions.Passed(isEmpty: queue.Count == 0);
        _tenants.Passed(functions.IsEmpty);
        return true;
    }

    private sealed class Turns<TPart>
        where TPart : new()
    {
        private readonly Dictionary<string, LinkedListNode<(string Name, TPart Part)>> _byName = new(StringComparer.Ordinal);
        private readonly LinkedList<(string Name, TPart Part)> _turns = new();

        public bool IsEmpty => _turns.Count == 0;

        public TPart Of(string name)
        {
            if (!_byName.TryGetValue(name, out var node))
            {
                _byName[name] = node = _turns.AddLast((name, new TPart()));
            }

            return node.Value.Part;
        }

        public TPart Next() => _turns.First!.Value.Part;

        /// <summary>Whose turn it was comes last, or goes where it has nothing more.</summary>
        public void Passed(bool isEmpty)
        {
            var node = _turns.First!;
            _turns.RemoveFirst();
            if (isEmpty)
            {
                _byName.Remove(node.Value.Name);
            }
            else
            {
                _turns.AddLast(node);
            }
        }
    }
}
