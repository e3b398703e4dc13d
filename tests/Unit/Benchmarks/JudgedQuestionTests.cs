using ToolRuntime.Benchmarks.Search;
using ToolRuntime.OpenApi.Model;

namespace ToolRuntime.Tests.Unit.Benchmarks;

/// <summary>The rule that questions keep.</summary>
public sealed class JudgedQuestionTests
{
    [Theory]
    [InlineData("who can push to this codebase?", "")]
    [InlineData("which collaborators are there?", "collaborators")]
    [InlineData("collaborating people", "collaborating")]
    [InlineData("list the team", "")]
    [InlineData("all repositories", "repositories")]
    public void NoLongWordOfTheOperationStandsInTheQuestion(string question, string shared)
    {
        var operation = new ApiOperation { Pointer = "", Method = "GET", Path = "/", Summary = "List repository collaborators", OperationId = "team/list-collaborators" };
        Assert.Equal(shared, string.Join(' ', JudgedQuestion.Shared(question, operation)));
    }

    [Fact]
    public void ALineHasHalfQuestionAndAnswers()
    {
        var question = Assert.Single(JudgedQuestion.Read("first", "held\twho?\tGET /a; GET /b\n"));
        Assert.Equal(("first", false, "who?"), (question.Set, question.IsForTuning, question.Text));
        Assert.Equal(["GET /a", "GET /b"], question.Right);
    }
}
