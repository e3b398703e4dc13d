namespace ToolRuntime.OpenApi.Search.Index;

/// <summary>Parts of a tool that words come from.</summary>
internal enum ToolField
{
    /// <summary>Its name or operation id.</summary>
    Name,

    /// <summary>Its title or summary.</summary>
    Title,

    /// <summary>The last literal segment of its path: what it is about.</summary>
    Thing,

    /// <summary>The literal segment before: whose thing that is.</summary>
    Parent,

    /// <summary>The other literal segments of its path: where that is found.</summary>
    Place,

    /// <summary>Tags of the document.</summary>
    Tags,

    /// <summary>The beginning of its description.</summary>
    Description,

    /// <summary>The rest of its description.</summary>
    More,

    /// <summary>Names of its arguments.</summary>
    Parameters,

    /// <summary>What the document says about the thing.</summary>
    Resource,

    /// <summary>Other words for the thing, from the lexicon.</summary>
    Gloss,

    /// <summary>Other words for whose it is, from the lexicon.</summary>
    ParentGloss,

    /// <summary>Other words for where it is found, from the lexicon.</summary>
    PlaceGloss,
}
