using System.Text.Json;

using ToolRuntime.E2b.Envd;
using ToolRuntime.E2b.Wire;
using ToolRuntime.Functions;

namespace ToolRuntime.E2b.Control;

/// <summary>Sandboxes and snapshots as the control plane shows them.</summary>
public sealed class SandboxView(SandboxTokens tokens, E2bOptions options)
{
    private const string Client = "toolruntime";

    /// <summary>What create, connect and fork answer.</summary>
    public void WriteMade(Utf8JsonWriter writer, SandboxRecord record)
    {
        writer.WriteStartObject();
        WriteNames(writer, record);
        WriteAccess(writer, record);
        if (!record.Settings.HasPublicPorts)
        {
            writer.WriteString("trafficAccessToken"u8, tokens.Traffic(record.Id));
        }

        writer.WriteEndObject();
    }

    /// <summary>One of a list.</summary>
    public static void WriteListed(Utf8JsonWriter writer, SandboxRecord record)
    {
        writer.WriteStartObject();
        WriteNames(writer, record);
        WriteFacts(writer, record);
        writer.WriteEndObject();
    }

    /// <summary>One in detail.</summary>
    public void WriteDetail(Utf8JsonWriter writer, SandboxRecord record, EgressRules? egress)
    {
        writer.WriteStartObject();
        WriteNames(writer, record);
        WriteFacts(writer, record);
        WriteAccess(writer, record);
        // What was last said of it; null where nobody did.
        if (egress is { AllowsRest: true } || record.Settings.AllowsInternet is not null)
        {
            writer.WriteBoolean("allowInternetAccess"u8, egress?.AllowsRest ?? record.Settings.AllowsInternet ?? false);
        }
        else
        {
            writer.WriteNull("allowInternetAccess"u8);
        }

        if (egress?.Shown is { } network)
        {
            writer.WritePropertyName("network"u8);
            network.WriteTo(writer);
        }

        writer.WriteStartObject("lifecycle"u8);
        writer.WriteString("onTimeout"u8, record.Settings.PausesAtEnd ? "pause" : "kill");
        writer.WriteBoolean("autoResume"u8, record.Settings.ResumesByItself);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>A snapshot.</summary>
    public static void Write(Utf8JsonWriter writer, SandboxSnapshot snapshot)
    {
        writer.WriteStartObject();
        writer.WriteString("snapshotID"u8, IdOf(snapshot));
        writer.WriteStartArray("names"u8);
        if (snapshot.Name is { } name)
        {
            writer.WriteStringValue(name);
        }

        writer.WriteEndArray();
        writer.WriteString("createdAt"u8, TimeText.Of(snapshot.CreatedAt));
        writer.WriteString("sandboxID"u8, snapshot.Sandbox);
        writer.WriteEndObject();
    }

    /// <summary>A snapshot's id as the SDKs know it: a template with its tag.</summary>
    public static string IdOf(SandboxSnapshot snapshot) => $"{snapshot.Id}:default";

    /// <summary>How large a sandbox is, or one of a template.</summary>
    internal static void WriteSize(Utf8JsonWriter writer, SandboxSettings settings)
    {
        writer.WriteNumber("cpuCount"u8, settings.CpuMillis > 0 ? Math.Max(1, settings.CpuMillis / 1000) : Environment.ProcessorCount);
        writer.WriteNumber("memoryMB"u8, settings.MemoryMiB);
        writer.WriteNumber("diskSizeMB"u8, settings.MemoryMiB);
    }

    private static void WriteNames(Utf8JsonWriter writer, SandboxRecord record)
    {
        writer.WriteString("sandboxID"u8, record.Id);
        writer.WriteString("templateID"u8, record.Template);
        writer.WriteString("alias"u8, record.Template);
        writer.WriteString("clientID"u8, Client);
        writer.WriteString("envdVersion"u8, EnvdEndpoint.Version);
    }

    private void WriteAccess(Utf8JsonWriter writer, SandboxRecord record)
    {
        if (record.Settings.IsSecure)
        {
            writer.WriteString("envdAccessToken"u8, tokens.Envd(record.Id));
        }

        if (options.Domain is { } domain)
        {
            writer.WriteString("domain"u8, domain);
        }
    }

    private static void WriteFacts(Utf8JsonWriter writer, SandboxRecord record)
    {
        writer.WriteString("startedAt"u8, TimeText.Of(record.StartedAt));
        writer.WriteString("endAt"u8, TimeText.Of(record.EndAt));
        writer.WriteString("state"u8, record.State == SandboxState.Running ? "running" : "paused");
        WriteSize(writer, record.Settings);
        writer.WriteStartObject("metadata"u8);
        foreach (var (key, value) in record.Metadata)
        {
            writer.WriteString(key, value);
        }

        writer.WriteEndObject();
        writer.WriteStartArray("volumeMounts"u8);
        foreach (var volume in record.Settings.Volumes)
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, volume.Name);
            writer.WriteString("path"u8, volume.Path);
            if (volume.ReadOnly)
            {
                writer.WriteBoolean("readOnly"u8, true);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
