using ToolRuntime.Functions;

namespace ToolRuntime.Sandbox.Checkpoints;

/// <summary>Decides whether a checkpoint can be restored here. A restored program must find what it found before, or it would crash later and elsewhere.</summary>
internal static class CheckpointRules
{
    /// <summary>Why <paramref name="checkpoint"/> cannot be restored for <paramref name="tenant"/> on <paramref name="here"/>, or null when it can.</summary>
    public static string? Refusal(SandboxCheckpoint checkpoint, CheckpointHost here, string? tenant)
    {
        var then = checkpoint.Host;
        if (!string.Equals(checkpoint.Tenant, tenant, StringComparison.Ordinal))
        {
            return "it is another tenant's";
        }

        if (!string.Equals(then.RunscDigest, here.RunscDigest, StringComparison.Ordinal))
        {
            return $"it was made by another build of gVisor ({then.Runsc}, {Short(then.RunscDigest)}; here {here.Runsc}, {Short(here.RunscDigest)})";
        }

        if (!string.Equals(then.Platform, here.Platform, StringComparison.Ordinal))
        {
            return $"it was made on gVisor's platform {then.Platform}; here it is {here.Platform}";
        }

        if (then.Channel != here.Channel)
        {
            return $"its agent speaks channel version {then.Channel}; this build speaks {here.Channel}";
        }

        return ProcessorRefusal(then, here)
            ?? (then.Dotnet is { } dotnet && dotnet != here.Dotnet ? $"it uses {dotnet} of its host; here there is {here.Dotnet}" : null);
    }

    private static string? ProcessorRefusal(CheckpointHost then, CheckpointHost here)
    {
        if (!string.Equals(then.Architecture, here.Architecture, StringComparison.Ordinal))
        {
            return $"it was made on {then.Architecture}; this machine is {here.Architecture}";
        }

        var missing = then.CpuFlags.Except(here.CpuFlags, StringComparer.Ordinal).ToList();
        return missing.Count > 0 ? $"this processor lacks what it was made with: {string.Join(", ", missing)}" : null;
    }

    private static string Short(string digest) => digest[..Math.Min(12, digest.Length)];

    /// <summary>The fault of a checkpoint that cannot be restored.</summary>
    public static FunctionFaultException Refused(string folder, string reason, Exception? error = null) => new(
        new FunctionFault(FaultCode.CheckpointRefused, $"the checkpoint {Path.GetFileName(folder)} cannot be restored: {reason}", "start a fresh sandbox from the session's files"), error);
}
