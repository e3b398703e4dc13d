using System.Runtime.InteropServices;
using System.Text;

using ToolRuntime.Sandbox.Agent.Native;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Processes;

/// <summary>Starts programs through spawn.c.</summary>
internal static unsafe class Spawner
{
    private const int Executable = 1;
    private static readonly string[] s_steps =
        ["vfork", "setsid", "placing descriptors", "setting limits", "emptying the bounding set", "switching user", "no_new_privs", "changing to the folder", "execve"];

    /// <summary>Starts it; returns its process id once it has become the program.</summary>
    /// <exception cref="NativeException">A step failed; the message names it.</exception>
    internal static int Start(SpawnPlan plan)
    {
        using var texts = new NativeTexts();
        var path = texts.Add(Resolve(plan.Arguments[0], plan.Environment));
        var arguments = texts.Add(plan.Arguments);
        var environment = texts.Add([.. plan.Environment.Select(pair => $"{pair.Key}={pair.Value}")]);
        var descriptors = plan.Descriptors.ToArray();
        var user = Libc.GetEffectiveUser() == 0 ? plan.User : null;
        fixed (int* places = descriptors)
        {
            var block = new SpawnBlock
            {
                Path = path,
                Arguments = arguments,
                Environment = environment,
                Folder = texts.Add(plan.Folder),
                Descriptors = places,
                DescriptorCount = descriptors.Length,
                User = user?.Uid ?? -1,
                Group = user?.Gid ?? -1,
                Terminal = plan.Terminal ? 1 : 0,
            };
            Limit(ref block, plan.Limits);
            var process = Libc.Spawn(&block);
            return process >= 0
                ? process
                : throw new NativeException($"Cannot start {plan.Arguments[0]}: {s_steps[block.Step]} ({(block.Step == 7 ? plan.Folder : plan.Arguments[0])})", block.Error);
        }
    }

    private static void Limit(ref SpawnBlock block, AgentLimits? limits)
    {
        if (limits is not null)
        {
            block.Limits[0] = limits.Processes;
            block.Limits[1] = limits.OpenFiles;
            block.Limits[2] = limits.FileBytes;
            block.Limits[3] = limits.AddressBytes;
        }
    }

    private static string Resolve(string program, IReadOnlyDictionary<string, string> environment)
    {
        if (program.Contains('/', StringComparison.Ordinal))
        {
            return program;
        }

        var folders = environment.GetValueOrDefault("PATH", "/usr/local/bin:/usr/bin:/bin");
        foreach (var folder in folders.Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            var path = $"{folder}/{program}";
            if (Libc.Access(path, Executable) == 0)
            {
                return path;
            }
        }

        throw new NativeException($"Cannot start {program}: it is not on PATH ({folders})", NativeError.NoEntry);
    }

    /// <summary>Texts in native memory, for the time of one call.</summary>
    private sealed class NativeTexts : IDisposable
    {
        private readonly List<nint> _blocks = [];

        public void Dispose() => _blocks.ForEach(block => NativeMemory.Free((void*)block));

        internal byte* Add(string text)
        {
            var length = Encoding.UTF8.GetByteCount(text);
            var block = (byte*)NativeMemory.Alloc((nuint)length + 1);
            _blocks.Add((nint)block);
            Encoding.UTF8.GetBytes(text, new Span<byte>(block, length));
            block[length] = 0;
            return block;
        }

        internal byte** Add(IReadOnlyList<string> texts)
        {
            var block = (byte**)NativeMemory.Alloc((nuint)(texts.Count + 1) * (nuint)sizeof(byte*));
            _blocks.Add((nint)block);
            for (var index = 0; index < texts.Count; index++)
            {
                block[index] = Add(texts[index]);
            }

            block[texts.Count] = null;
            return block;
        }
    }
}
