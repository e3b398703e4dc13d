using ToolRuntime.OpenApi.Search;
using ToolRuntime.OpenApi.Search.Questions;

namespace ToolRuntime.Tests.Unit.OpenApi.Search;

/// <summary>What a question wants done.</summary>
public sealed class WishTests
{
    [Theory]
    [InlineData("who may borrow books?", ToolAction.Read)]
    [InlineData("could you please erase the book", ToolAction.Delete)]
    [InlineData("let me see the books", ToolAction.Read)]
    [InlineData("take the book off the shelf", ToolAction.Delete)]
    [InlineData("in the test library, throw a book away", ToolAction.Delete)]
    [InlineData("I need another shelf", ToolAction.Create)]
    [InlineData("we want 10 chairs", ToolAction.Create)]
    [InlineData("no more loans", ToolAction.Delete)]
    [InlineData("no loan without a card", ToolAction.Create)]
    [InlineData("files of a reader", ToolAction.Read)]
    [InlineData("file a complaint", ToolAction.Create)]
    [InlineData("a reader wants to change his name", ToolAction.Update)]
    [InlineData("this loan must no longer count", ToolAction.Delete)]
    [InlineData("the loan is over, delete it", ToolAction.Delete)]
    [InlineData("anna may read in the cellar", ToolAction.Create)]
    [InlineData("have my server refuse bad books", ToolAction.Other)]
    [InlineData("have our readers paid?", ToolAction.Read)]
    [InlineData("a shelf for maps", ToolAction.Create)]
    [InlineData("history of a loan", ToolAction.Read)]
    [InlineData("do not lend this book after all", ToolAction.Other)]
    [InlineData("never lend this book again", ToolAction.Other)]
    [InlineData("have two people read every book", ToolAction.Other)]
    [InlineData("two people must read every book", ToolAction.Other)]
    [InlineData("books have to go", ToolAction.Delete)]
    [InlineData("a reader wants his name forgotten", ToolAction.Delete)]
    [InlineData("tell the readers that the book is back", ToolAction.Create)]
    [InlineData("tell me who has the book", ToolAction.Read)]
    [InlineData("give me a card of my own", ToolAction.Create)]
    [InlineData("give me the list of books", ToolAction.Read)]
    [InlineData("stop readers from writing into books", ToolAction.Other)]
    [InlineData("stop the loan", ToolAction.Delete)]
    [InlineData("she quits the club", ToolAction.Delete)]
    [InlineData("our shop closes the shelf", ToolAction.Other)]
    [InlineData("in which rooms are books?", ToolAction.Read)]
    [InlineData("nobody reads this book any more, scrap it", ToolAction.Delete)]
    [InlineData("take the shelf offline", ToolAction.Delete)]
    [InlineData("somebody wrote into this book, who was it?", ToolAction.Read)]
    [InlineData("nobody may lend this book", ToolAction.Other)]
    [InlineData("no more than three books on this shelf", ToolAction.Other)]
    [InlineData("anna has a new address", ToolAction.Other)]
    [InlineData("shelf for the new maps", ToolAction.Create)]
    [InlineData("open complaints", ToolAction.Read)]
    [InlineData("purge the cellar every night", ToolAction.Create)]
    [InlineData("purge the loan that ends every night", ToolAction.Delete)]
    [InlineData("is anna allowed to scrap books?", ToolAction.Read)]
    [InlineData("", ToolAction.Read)]
    [InlineData("please", ToolAction.Read)]
    [InlineData(",", ToolAction.Read)]
    [InlineData("in the cellar,", ToolAction.Other)]
    public void ItIsReadFromTheWords(string question, ToolAction action) =>
        Assert.Equal(action, Question.Read(question, Lexicon.Standard, SearchWeights.Default).Action);

    [Theory]
    [InlineData("hang books.example.com out,", "hang hostname out,")]
    [InlineData("what is in shelf.yaml?", "what is in shelf file?")]
    [InlineData("who wrote 9f3c2e1", "who wrote sha")]
    [InlineData("mail to ann@example.com", "mail to email")]
    [InlineData("let 10.1.2.3 in", "let ip in")]
    [InlineData("20Gi for maps", "gb for maps")]
    [InlineData("from v1.4 to 2.3.1", "from version to version")]
    [InlineData("60% off", "percent off")]
    [InlineData("see https://example.com/a.b and 3.5 metres. Or 12, or e.g. deadbeef", "see https://example.com/a.b and 3.5 metres. Or 12, or e.g. deadbeef")]
    [InlineData("lend ISBN_12's maps, ISBN_13", "lend book's maps, book")]
    [InlineData("is the opac up?", "is the card catalog up?")]
    [InlineData("lend book_7 (the opac of card catalog 3)", "lend book_7 (the opac of card catalog 3)")]
    [InlineData("books of anna/maps, and/or of heads/main", "books of repository, and/or of heads/main")]
    [InlineData(" . ,, ", " . ,, ")]
    public void NamesSayByTheirShapeWhatTheyAre(string question, string said) => Assert.Equal(said, Shapes.Name(question, Lexicon.Parse("= isbn_: book\n= opac: card catalog")));

    [Fact]
    public void WhatIsSaidIsSurerThanWhatIsGuessed()
    {
        Assert.Equal(1, Certainty("erase the book"));
        Assert.InRange(Certainty("a reader wants to change his name"), 0.5f, 0.9f);
        Assert.InRange(Certainty("shelves beside the door"), 0, 0.5f);
    }

    [Fact]
    public void ThePermissionToDoSomethingIsSpokenOf() =>
        Assert.Contains(Question.Read("may anna borrow maps?", Lexicon.Standard, SearchWeights.Default).Concepts, c => c.Alternatives.Any(a => a.Phrase == "permiss"));

    [Theory]
    [InlineData("which of my books are late?", true)]
    [InlineData("which books have I lent?", true)]
    [InlineData("which books has anna lent?", false)]
    public void WhoAsksIsMeantByMyAndI(string question, bool isOwn) =>
        Assert.Equal(isOwn, Question.Read(question, Lexicon.Standard, SearchWeights.Default).Concepts.Any(c => c.Stem == "authent"));

    [Theory]
    [InlineData("which books are in this room?", true)]
    [InlineData("what is in this room?", false)]
    public void ThingsInThePluralAreAskedForInThisToo(string question, bool isAboutMany) =>
        Assert.Equal(isAboutMany, Question.Read(question, Lexicon.Standard, SearchWeights.Default).IsAboutMany);

    private static float Certainty(string question) => Question.Read(question, Lexicon.Standard, SearchWeights.Default).Certainty;
}
