using System.Text;
using System.Text.Json;

using ToolRuntime.E2b.Client;
using ToolRuntime.E2b.Interpreter;
using ToolRuntime.Functions;
using ToolRuntime.Gateway.Apis;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Gateway.SandboxTools;

/// <summary>Tools that run something: code in a kernel, or a command.</summary>
public sealed class CodeCalls(SandboxSessions sessions, Kernels kernels, TimeProvider time)
{
    private const double UsualCodeSeconds = 300;
    private const double UsualCommandSeconds = 60;

    /// <summary><c>run_code</c>.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> RunCodeAsync(ApiInvocation call, CancellationToken cancellationToken)
    {
        using var arguments = new SandboxArguments(call);
        return await sessions.UseAsync(arguments, ImageFor(arguments.Text("language")), async sandbox =>
        {
            var context = arguments.Text("context") is { } id
                ? await kernels.FindAsync(sandbox, id, cancellationToken) ?? throw new FunctionFaultException(FaultCode.InvalidArguments, $"/context: the session has no context '{id}'")
                : await kernels.DefaultAsync(sandbox, arguments.Text("language") ?? "python", cancellationToken);
            var result = new CodeResult();
            var seconds = arguments.Number("timeoutSeconds") ?? UsualCodeSeconds;
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(seconds), time);
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
            try
            {
                await kernels.ExecuteAsync(sandbox, context, new KernelCode(arguments.Text("code")!), happened => TakeAsync(result, happened, call, ending.Token), ending.Token);
            }
            catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                result.TimedOut(seconds);
            }

            return result.Write(arguments.Text("session"), context);
        }, cancellationToken);
    }

    /// <summary><c>run_command</c>.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> RunCommandAsync(ApiInvocation call, CancellationToken cancellationToken)
    {
        using var arguments = new SandboxArguments(call);
        return await sessions.UseAsync(arguments, "base", sandbox => RunAsync(sandbox, arguments, call, cancellationToken), cancellationToken);
    }

    // A fresh sandbox has the language that it is made for.
    private static string ImageFor(string? language) => KernelLanguage.Find(language ?? "python")?.Image ?? KernelLanguage.UsualImage;

    private static async ValueTask TakeAsync(CodeResult result, ReadOnlyMemory<byte> happened, ApiInvocation call, CancellationToken cancellationToken)
    {
        if (result.Take(happened) is { } printed && call.EmitAsync is { } emit)
        {
            await emit(Piece(printed), cancellationToken);
        }
    }

    private async Task<ReadOnlyMemory<byte>> RunAsync(SandboxRecord sandbox, SandboxArguments arguments, ApiInvocation call, CancellationToken cancellationToken)
    {
        var seconds = arguments.Number("timeoutSeconds") ?? UsualCommandSeconds;
        var input = arguments.Text("stdin");
        var environment = new Dictionary<string, string>(arguments.Texts("env"), StringComparer.Ordinal);
        var (user, name, home) = arguments.Text("user") == "root" ? (new AgentUser(0, 0), "root", "/root") : (new AgentUser(1000, 1000), SandboxUsers.Default, "/home/user");
        environment.TryAdd("HOME", home);
        environment.TryAdd("USER", name);
        var request = new AgentRequest
        {
            Op = AgentOperation.Spawn,
            Argv = ["/bin/bash", "-l", "-c", arguments.Text("command")!],
            Env = environment,
            Cwd = arguments.Text("cwd") ?? "/home/user",
            User = user,
            Stdin = input is not null,
            Keep = false,
            KillAfterMs = (long)(seconds * 1000),
        };
        try
        {
            var began = time.GetTimestamp();
            var (stream, reply) = await sessions.Client.OpenAsync(sandbox, request, cancellationToken);
            await using var process = new AgentProcess(reply.Id ?? "", reply.Pid, stream);
            if (input is not null)
            {
                await process.WriteAsync(Encoding.UTF8.GetBytes(input), cancellationToken);
                await process.CloseInputAsync(cancellationToken);
            }

            var (output, error) = (new BoundedText(), new BoundedText());
            while (await process.ReadAsync(cancellationToken) is { } piece)
            {
                var text = (piece.IsError ? error : output).Add(piece.Data.Span);
                if (text.Length > 0 && call.EmitAsync is { } emit)
                {
                    await emit(Piece(text), cancellationToken);
                }
            }

            var timedOut = process.Exit?.Signal == 9 && time.GetElapsedTime(began).TotalSeconds >= seconds;
            return Result(arguments.Text("session"), output.ToString(), error.ToString(), process.Exit ?? default, timedOut ? seconds : null);
        }
        catch (OperationCanceledException)
        {
            // Who left wants nothing of it any more; its own time ends it where this cannot.
            throw;
        }
        catch (AgentException error)
        {
            throw new FunctionFaultException(new FunctionFault(FaultCode.InvalidArguments, $"the command could not be started: {error.Message}"), error);
        }
    }

    private static ReadOnlyMemory<byte> Result(string? session, string output, string error, ProcessExit exit, double? timedOut) => ToolAnswer.Write(
        writer =>
        {
            writer.WriteStartObject();
            if (session is not null)
            {
                writer.WriteString("session"u8, session);
            }

            writer.WriteNumber("exitCode"u8, exit.ExitCode);
            writer.WriteString("stdout"u8, output);
            writer.WriteString("stderr"u8, error);
            if (timedOut is not null)
            {
                writer.WriteBoolean("timedOut"u8, true);
            }

            writer.WriteEndObject();
        },
        writer =>
        {
            if (output.Length > 0)
            {
                ToolAnswer.Text(writer, output);
            }

            if (error.Length > 0)
            {
                ToolAnswer.Text(writer, $"stderr:\n{error}");
            }

            if (timedOut is { } seconds)
            {
                ToolAnswer.Text(writer, $"killed: it took longer than {seconds:0.#} s");
            }
            else if (exit.ExitCode != 0 || output.Length + error.Length == 0)
            {
                ToolAnswer.Text(writer, $"exit code {exit.ExitCode}");
            }
        },
        isError: exit.ExitCode != 0);

    private static InvocationEvent Piece(string text) => new(EventKind.Output, (byte[])[.. "{\"text\":"u8, .. JsonEncodedBytes(text), .. "}"u8]);

    private static byte[] JsonEncodedBytes(string text) => Encoding.UTF8.GetBytes($"\"{JsonEncodedText.Encode(text)}\"");
}
