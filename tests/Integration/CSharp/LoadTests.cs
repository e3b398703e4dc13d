using ToolRuntime.Sandbox.Protocol;
using ToolRuntime.Sdk.Protocol;

namespace ToolRuntime.Tests.Integration.CSharp;

/// <summary>What becomes of a script at deploy.</summary>
public sealed class LoadTests
{
    [Theory]
    [InlineData("public int F( => 1;", "script.csx:1: CS", 1)]
    [InlineData("\npublic int F() => \"x\";", "script.csx:2: CS0029", 2)]
    [InlineData("public int _F() => 1;", "no method to make a tool of", null)]
    [InlineData("var x = 1;", "no method to make a tool of", null)]
    [InlineData("\nint F() => 1;", "script.csx:2: F is not public", 2)]
    [InlineData("public void F(ref int a) { }", "script.csx:1: F: parameter 'a' is ref, out or in; take the value", 1)]
    [InlineData("public void F(out int a) { a = 1; }", "parameter 'a' is ref, out or in", 1)]
    [InlineData("\n\npublic void F(Action a) { }", "script.csx:3: F: parameter 'a': Action is a delegate", 3)]
    [InlineData("public T F<T>(T a) => a;", "script.csx:1: F: it has type parameters", 1)]
    [InlineData("public unsafe int* F() => null;", "CS0227", 1)]
    [InlineData("public Stream F() => null!;", "the return type: Stream is no data", 1)]
    [InlineData("public int F() => 1;\npublic int F(int a) => a;", "script.csx:2: F: a tool named 'F' is already defined in line 1", 2)]
    [InlineData("[Tool(\"a b\")]\npublic int F() => 1;", "\"a b\" is no tool's name", 2)]
    [InlineData("throw new Exception(\"no\");\npublic int F() => 1;", "its top level threw Exception: no", 1)]
    [InlineData("#load \"../../etc/x.csx\"\npublic int F() => 1;", "#load \"../../etc/x.csx\" leads out of the package", null)]
    [InlineData("#load \"none.csx\"\npublic int F() => 1;", "the package has no such file", null)]
    [InlineData("#r \"nuget: Some.Package, 1.0.0\"\npublic int F() => 1;", "is not installed", null)]
    [InlineData("#r \"/usr/lib/x.dll\"\npublic int F() => 1;", "leads out of the package", null)]
    public void ABadScriptIsRefusedWithItsPlaceAndHowToMendIt(string source, string message, int? line)
    {
        using var worker = WorkerOnHost.Start();
        var (type, payload) = worker.Inspect(source);
        Assert.Equal(WorkerFrameType.LoadFailed, type);
        Assert.Contains(message, payload.GetProperty("message").GetString(), StringComparison.Ordinal);
        if (line is not null)
        {
            Assert.Equal(line, payload.GetProperty("line").GetInt32());
        }
    }

    [Fact]
    public void ToolsComeFromSignaturesAndComments()
    {
        using var worker = WorkerOnHost.Start();
        var tools = worker.Tools("""
            /// <summary>Adds
            /// two numbers.</summary>
            /// <param name="a">The first.</param>
            /// <returns>The sum.</returns>
            public double Add(double a, double b = 2) => a + b;
            /// <summary>A place.</summary>
            /// <param name="X">Across.</param>
            public record Place(double X, Place? Next = null);
            [Tool("go-there", Title = "Go", ReadOnly = true)]
            public static async Task<Place> Go(Place to, Context context, CancellationToken cancellation) { await Task.Yield(); return to; }
            public async IAsyncEnumerable<int> Count(int to) { for (var i = 0; i < to; i++) { await Task.Yield(); yield return i; } }
            public void _Hidden() { }
            int Private() => 1;
            """, worker.Layer);
        Assert.Equal(["Add", "go-there", "Count"], tools.EnumerateArray().Select(t => t.GetProperty("name").GetString()));
        var add = tools[0];
        Assert.Equal("Adds two numbers.", add.GetProperty("description").GetString());
        Assert.Equal(
            """{"type":"object","properties":{"a":{"type":"number","description":"The first."},"b":{"type":"number","default":2}},"required":["a"],"additionalProperties":false}""",
            add.GetProperty("inputSchema").GetRawText());
        Assert.Equal("""{"type":"number","description":"The sum."}""", add.GetProperty("outputSchema").GetRawText());
        var go = tools[1];
        Assert.Equal("""{"readOnlyHint":true}""", go.GetProperty("annotations").GetRawText());
        Assert.Equal("Across.", go.GetProperty("inputSchema").GetProperty("$defs").GetProperty("Place").GetProperty("properties").GetProperty("x").GetProperty("description").GetString());
        Assert.Equal(["to"], go.GetProperty("inputSchema").GetProperty("properties").EnumerateObject().Select(p => p.Name));
        Assert.True(tools[2].GetProperty("streams").GetBoolean());
        worker.Stop();

        using var second = WorkerOnHost.Start(worker.Folder);
        second.Talk.Load(second.Code, "script.csx", inspect: false);
        Assert.Contains("no tool Private", second.Talk.Run("Private", "{}")[^1].Payload.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(3, second.Talk.Run("Add", """{"a":1}""")[^1].Payload.GetProperty("value").GetDouble());
    }

    [Fact]
    public void AScriptLoadsOthersOfItsPackage()
    {
        using var worker = WorkerOnHost.Start();
        worker.Write("lib/words.csx", "string Greet(string name) => $\"hello {name}\";");
        worker.Tools("#load \"lib/words.csx\"\npublic string Hello(string name) => Greet(name);");
        Assert.Equal("hello you", worker.Talk.Run("Hello", """{"name":"you"}""")[^1].Payload.GetProperty("value").GetString());
    }

    [Fact]
    public void WhatWasCompiledLoadsWithoutTheCompiler()
    {
        using var worker = WorkerOnHost.Start();
        worker.Tools("public string Loaded() => string.Join(',', AppDomain.CurrentDomain.GetAssemblies().Select(a => a.GetName().Name));\npublic void Fail() => throw new Exception(\"x\");", worker.Layer);
        Assert.Contains("Microsoft.CodeAnalysis", worker.Talk.Run("Loaded", "{}")[^1].Payload.GetProperty("value").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, worker.Stop());

        using var second = WorkerOnHost.Start(worker.Folder);
        var (type, payload) = second.Talk.Load(second.Code, "script.csx", inspect: false);
        Assert.True(type == WorkerFrameType.Loaded, payload.ToString());
        Assert.DoesNotContain("Microsoft.CodeAnalysis", second.Talk.Run("Loaded", "{}")[^1].Payload.GetProperty("value").GetString(), StringComparison.Ordinal);
        Assert.Equal("Exception: x (script.csx:2)", second.Talk.Run("Fail", "{}")[^1].Payload.GetProperty("message").GetString());
    }
}
