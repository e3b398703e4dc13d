using System.Buffers.Binary;
using System.Text;

using ToolRuntime.Sandbox.Protocol;
using ToolRuntime.Sdk.Protocol;
using ToolRuntime.Sdk.Scripts;

namespace ToolRuntime.Sdk.Worker;

/// <summary>Runs everything that a call needs once, on methods of its own, before the worker says READY.</summary>
internal static class WarmUp
{
    private static readonly (string Entry, string Arguments)[] s_calls =
    [
        (nameof(WarmUpTools.Add), """{"a":1,"b":2.5}"""),
        (nameof(WarmUpTools.Add), """{"a":"x"}"""),
        (nameof(WarmUpTools.MoveAsync), """{"point":{"x":1,"y":null,"color":"Red"},"names":["a"],"count":3}"""),
        (nameof(WarmUpTools.Count), """{"to":2}"""),
        (nameof(WarmUpTools.Fail), "{}"),
    ];

    /// <summary>Runs.</summary>
    public static async Task RunAsync()
    {
        using var channel = new FrameChannel(Stream.Null, Stream.Null);
        var server = new WorkerServer(channel, ScriptLoader.AssemblyLayer);
        var request = new LoadRequest("/", "", new Dictionary<string, string>(StringComparer.Ordinal), Concurrency: 1, OutputBytes: 1 << 10, Inspect: false, Output: null);
        var tools = ToolMethods.Of(typeof(WarmUpTools), _ => true).ToDictionary(m => m.Name, m => new ScriptTool(m.Name, m.Method, new WarmUpTools()), StringComparer.Ordinal);
        var script = new LoadedScript(request, tools, Definitions: null, Warnings: []);
        foreach (var (entry, arguments) in s_calls)
        {
            var payload = Payload(entry, arguments);
            using var call = new CallRun(server, script, new Frame(WorkerFrameType.Call, 1, payload), CallHead.Parse(payload, out var at), at);
            await call.RunAsync();
        }

        Context.Ambient = null;
    }

    private static byte[] Payload(string entry, string arguments)
    {
        var head = $$"""{"entry":"{{entry}}","tool":"{{entry}}","invocation":"","session":"","tenant":"","function":"","attempt":1,"deadlineMs":60000,"stream":true}""";
        var payload = new byte[sizeof(uint) + head.Length + arguments.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(payload, (uint)head.Length);
        Encoding.UTF8.GetBytes(head, payload.AsSpan(sizeof(uint)));
        Encoding.UTF8.GetBytes(arguments, payload.AsSpan(sizeof(uint) + head.Length));
        return payload;
    }
}
