using System.Text;
using System.Text.Json;

using FsCheck;
using FsCheck.Fluent;

using ToolRuntime.Sdk.Scripts;

using Context = ToolRuntime.Sdk.Context;

namespace ToolRuntime.Tests.Unit.CSharp;

public sealed class BindingTests
{
    public enum Color
    {
        Red,
        Green,
    }

    public static TheoryData<string, string> Errors => new()
    {
        { """{"a":"x","point":{"x":1}}""", "a: must be a whole number from -2147483648 to 2147483647" },
        { """{"a":1.5,"point":{"x":1}}""", "a: must be a whole number from -2147483648 to 2147483647" },
        { """{"a":99999999999,"point":{"x":1}}""", "a: must be a whole number from -2147483648 to 2147483647" },
        { """{"a":null,"point":{"x":1}}""", "a: must not be null" },
        { """{"point":{"x":1}}""", "a: required, but missing" },
        { """{"a":1}""", "point: required, but missing" },
        { """{"a":1,"point":{"y":1}}""", "point: required, but missing: 'x'" },
        { """{"a":1,"point":{"x":"q"}}""", "point.x: must be a number" },
        { """{"a":1,"point":{"x":1,"z":2}}""", "point.z: no such member" },
        { """{"a":1,"point":{"x":1,"color":"Blue"}}""", "point.color: must be one of Red, Green" },
        { """{"a":1,"point":{"x":1,"next":{"x":true}}}""", "point.next.x: must be a number" },
        { """{"a":1,"point":7}""", "point: must be an object (Point)" },
        { """{"a":1,"point":{"x":1},"many":[1,"b"]}""", "many[1]: must be a whole number from -2147483648 to 2147483647" },
        { """{"a":1,"point":{"x":1},"pair":[1]}""", "pair: must be a list of 2 items" },
        { """{"a":1,"point":{"x":1},"wait":"soon"}""", "wait: must be an ISO 8601 duration such as PT1H30M" },
        { """{"a":1,"point":{"x":1},"b":2}""", "b: no such argument; known are a, point, many, pair, wait, note" },
        { "[1]", "arguments: must be a JSON object" },
    };

    [Theory]
    [MemberData(nameof(Errors))]
    public void AnErrorNamesThePath(string json, string expected) => Assert.Equal(expected, Assert.Throws<BindingException>(() => Bind(json)).Message);

    [Fact]
    public void EverythingIsBound()
    {
        var values = Bind("""{"A":1,"point":{"X":2,"next":{"x":3,"y":null}},"many":[4],"pair":[5,"six"],"wait":"PT1M","note":null}""");
        Assert.Equal(1, values[0]);
        Assert.Equal(new Point(2, null, Color.Red, new Point(3, null, Color.Red, null)), values[1]);
        Assert.Equal([4], (int[])values[2]!);
        Assert.Equal((5, "six"), values[3]);
        Assert.Equal(TimeSpan.FromMinutes(1), values[4]);
        Assert.Null(values[5]);
    }

    [Fact]
    public void WhatIsLeftOutHasItsDefault()
    {
        var values = Bind("""{"a":1,"point":{"x":1}}""");
        Assert.Null(values[2]);
        Assert.Null(values[3]);
        Assert.Equal(TimeSpan.Zero, values[4]);
        Assert.Equal("none", values[5]);
    }

    [Fact]
    public void AnyBytesAreBoundOrRefused() => Prop.ForAll<string>(text =>
    {
        try
        {
            Bind(text);
        }
        catch (BindingException error)
        {
            Assert.NotEmpty(error.Message);
        }
    }).QuickCheckThrowOnFailure();

    private static object?[] Bind(string json)
    {
        var method = typeof(BindingTests).GetMethod(nameof(Tool), System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.NonPublic)!;
        var binder = new ArgumentBinder([.. method.GetParameters().Select(ToolParameter.Of)]);
        return binder.Bind(Encoding.UTF8.GetBytes(json), context: null!);
    }

    private static void Tool(int a, Point point, int[]? many = null, (int, string)? pair = null, TimeSpan wait = default, string? note = "none")
    {
    }

    public sealed record Point(double X, double? Y, Color Color = Color.Red, Point? Next = null);
}
