using ToolRuntime.OpenApi.Search.Index;

namespace ToolRuntime.OpenApi.Search;

/// <summary>Picks the best tools of all.</summary>
internal static class Ranking
{
    /// <summary>How many candidates are looked at for each that is wanted.</summary>
    private const int Candidates = 4;

    /// <summary>
    /// The best <paramref name="limit"/> by score, equal ones in order. One that does the same to the same kind of thing as one before it counts
    /// for less each time, so that a short answer holds the ways to deal with a thing and not one way in all its variants.
    /// </summary>
    public static IReadOnlyList<SearchHit> Best(ReadOnlySpan<float> scores, ToolFacts[] facts, int limit, float repetition, Func<int, bool>? isAllowed)
    {
        var candidates = Top(scores, limit * Candidates, isAllowed);
        var seen = new Dictionary<(int Kind, ToolAction Action, bool IsMany), int>();
        var hits = new List<SearchHit>(limit);
        while (hits.Count < limit && candidates.Count > 0)
        {
            var best = 0;
            var bestScore = 0f;
            for (var i = 0; i < candidates.Count; i++)
            {
                var fact = facts[candidates[i].Tool];
                var score = candidates[i].Score * MathF.Pow(1 - repetition, seen.GetValueOrDefault((fact.Kind, fact.Action, fact.IsMany)));
                if (score > bestScore)
                {
                    (best, bestScore) = (i, score);
                }
            }

            var hit = candidates[best];
            candidates.RemoveAt(best);
            var key = (facts[hit.Tool].Kind, facts[hit.Tool].Action, facts[hit.Tool].IsMany);
            seen[key] = seen.GetValueOrDefault(key) + 1;
            hits.Add(hit with { Score = bestScore });
        }

        return hits;
    }

    private static List<SearchHit> Top(ReadOnlySpan<float> scores, int count, Func<int, bool>? isAllowed)
    {
        var best = new PriorityQueue<SearchHit, (float Score, int Order)>();
        for (var tool = 0; tool < scores.Length; tool++)
        {
            var score = scores[tool];
            if (score <= 0 || (best.Count == count && score <= best.Peek().Score) || isAllowed?.Invoke(tool) == false)
            {
                continue;
            }

            best.Enqueue(new SearchHit(tool, score), (score, -tool));
            if (best.Count > count)
            {
                best.Dequeue();
            }
        }

        var hits = new List<SearchHit>(best.Count);
        while (best.TryDequeue(out var hit, out _))
        {
            hits.Add(hit);
        }

        hits.Reverse();
        return hits;
    }
}
