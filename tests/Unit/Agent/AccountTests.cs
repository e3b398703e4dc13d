using FsCheck;
using FsCheck.Fluent;

using ToolRuntime.Sandbox.Agent.Files;

namespace ToolRuntime.Tests.Unit.Agent;

/// <summary>The users and groups that a sandbox's files name.</summary>
public sealed class AccountTests
{
    [Fact]
    public void UsersAreReadAndOtherLinesCountForNothing()
    {
        var users = AccountFiles.Users("root:x:0:0:root:/root:/bin/bash\n# comment:x:1:1::/:/\nbroken\nminus:x:-1:0::/:/\nuser:x:1000:1001:,,,:/home/user:\r\n+::::::\n");

        Assert.Equal([new Account("root", 0, 0, "/root", "/bin/bash"), new Account("user", 1000, 1001, "/home/user", "")], users);
    }

    [Fact]
    public void TheFirstGroupOfANumberNamesIt()
    {
        var groups = AccountFiles.Groups("root:x:0:\nwheel:x:0:a,b\nusers:x:100\n:x:7:\n");

        Assert.Equal(["root", "users"], groups.OrderBy(pair => pair.Key).Select(pair => pair.Value));
    }

    [Fact]
    public void AnyTextIsRead() => Prop.ForAll<NonNull<string>>(text =>
        AccountFiles.Users(text.Get).All(user => user.Name.Length > 0 && user is { Uid: >= 0, Gid: >= 0 })
        && AccountFiles.Groups(text.Get).All(group => group.Value.Length > 0)).QuickCheckThrowOnFailure();
}
