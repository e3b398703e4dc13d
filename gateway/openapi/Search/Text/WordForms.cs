using System.Collections.Frozen;

namespace ToolRuntime.OpenApi.Search.Text;

/// <summary>Stems that are the same for every form of a word: British and American spelling, and forms that no rule of stemming joins.</summary>
public static class WordForms
{
    private static readonly FrozenDictionary<string, string> s_irregular = Table(
        """
        send sent; buy bought; pay paid; leave left; take took taken; give gave given; make made; hold held; keep kept; run ran; break broke broken;
        write wrote written; tell told; spend spent; lose lost; sell sold; build built; find found; stick stuck; hide hid hidden; choose chose chosen;
        begin began begun; bring brought; catch caught; draw drew drawn; drive drove driven; fall fell fallen; forbid forbade forbidden; forget forgot forgotten;
        freeze froze frozen; get got gotten; go went gone; grow grew grown; know knew known; lend lent; meet met; see saw seen; shrink shrank shrunk; speak spoke spoken;
        steal stole stolen; think thought; throw threw thrown; understand understood; wake woke woken; win won; withdraw withdrew withdrawn; undo undid undone;
        overdraw overdrawn; say said; show shown; prove proven; rebuild rebuilt; hear heard; teach taught; bind bound; feed fed; lead led; deal dealt;
        child children; man men; woman women; index indices indexes; criterion criteria; datum data; analysis analyses; diagnosis diagnoses;
        license licence licences; catalog catalogue catalogues; center centre centres; program programme programmes; color colour colours coloured; behavior behaviour behaviours;
        favorite favourite favourites favourited; labor labour; honor honour; neighbor neighbour neighbours; flavor flavour flavours; check cheque cheques; gray grey;
        fulfill fulfil fulfils; enroll enrol enrols; install instal; canceling cancelling; canceled cancelled; labeled labelled; labeling labelling; modeled modelled; traveler traveller;
        defense defence; practice practise; judgment judgement; meter metre; liter litre; tire tyre; organization organisation organisations org orgs;
        repository repo repos; configuration config configs; administrator admin admins; environment env envs; database db dbs; parameter param params
        """);

    // Words that end so in American spelling too.
    private static readonly FrozenSet<string> s_always = ((string[])
    [
        "raise", "promise", "advise", "exercise", "otherwise", "precise", "enterprise", "merchandise", "noise", "wise", "comprise", "surprise", "revise", "supervise",
        "expertise", "likewise", "franchise", "compromise", "premise", "demise", "disguise", "televise", "improvise", "praise", "cruise", "rise", "concise", "disease",
        "arise", "appraise", "devise", "excise", "incise", "paradise", "treatise", "bruise", "poise",
    ]).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The stem of <paramref name="word"/>, which is lower case.</summary>
    public static string StemOf(string word) => Stemmer.Stem(s_irregular.GetValueOrDefault(word) ?? American(word));

    private static string American(string word)
    {
        foreach (var (british, american) in (ReadOnlySpan<(string, string)>)
            [("ise", "ize"), ("ised", "ized"), ("ises", "izes"), ("ising", "izing"), ("isation", "ization"), ("isations", "izations")])
        {
            if (word.Length > british.Length + 3 && word.EndsWith(british, StringComparison.Ordinal))
            {
                var root = word[..^british.Length];
                return s_always.Contains(root + "ise") ? word : root + american;
            }
        }

        return word;
    }

    private static FrozenDictionary<string, string> Table(string text) =>
        text.Split([';', '\n'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(l => l.Split(' '))
            .SelectMany(forms => forms.Skip(1).Select(f => KeyValuePair.Create(f, forms[0])))
            .DistinctBy(p => p.Key, StringComparer.Ordinal)
            .ToFrozenDictionary(StringComparer.Ordinal);
}
