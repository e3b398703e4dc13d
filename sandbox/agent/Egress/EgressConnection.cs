using System.Globalization;
using System.Text;

using ToolRuntime.Sandbox.Agent.Channel;
using ToolRuntime.Sandbox.Agent.Native;
using ToolRuntime.Sandbox.Agent.Sockets;
using ToolRuntime.Sandbox.Protocol;

namespace ToolRuntime.Sandbox.Agent.Egress;

/// <summary>One connection of a program to a proxy: its request goes to the host, and after a yes its bytes.</summary>
internal sealed unsafe class EgressConnection(int socket, Func<IStreamHandler, AgentStream?> open)
{
    private const int LongestHead = 32 * 1024;
    private const int PatienceSeconds = 60;

    /// <summary>The host cannot reach what was asked for: SOCKS has a reply of its own for that.</summary>
    private const int NotReached = 404;

    private readonly SocketReader _reader = new(socket);
    private int _socket = socket;

    /// <summary>Serves it to its end and closes it.</summary>
    internal void Serve(string kind)
    {
        _reader.SetPatience(PatienceSeconds);
        try
        {
            if (kind == EgressKind.Socks)
            {
                ServeSocks();
            }
            else
            {
                ServeHttp();
            }
        }
        catch (Exception error) when (error is NativeException or InvalidDataException)
        {
            // The program went away, or said nothing for too long: there is nobody to tell.
            return;
        }
        finally
        {
            Descriptors.Close(ref _socket);
        }
    }

    private void ServeHttp()
    {
        try
        {
            var head = _reader.TakeUntil("\r\n\r\n"u8, LongestHead) ?? throw new ProxyException(431, $"The request's head is longer than {LongestHead} bytes.");
            var request = ProxyHead.Read(head);
            if (request.Method is null)
            {
                Connect(EgressKind.Connect, request, () => Send("HTTP/1.1 200 Connection established\r\n\r\n"u8));
            }
            else
            {
                Connect(EgressKind.Http, request, () => { });
            }
        }
        catch (ProxyException refused)
        {
            var status = refused.Status == NotReached ? 502 : refused.Status;
            var body = Encoding.UTF8.GetBytes(refused.Message + "\n");
            Send(Encoding.ASCII.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $"HTTP/1.1 {status} {ReasonPhrase.Of(refused.Message)}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n")));
            Send(body);
        }
    }

    private void ServeSocks()
    {
        try
        {
            var (host, port) = SocksHandshake.Read(_reader.Take, bytes => Send(bytes));
            Connect(EgressKind.Socks, new ProxyRequest(host, port), () => Send(SocksHandshake.Reply(SocksHandshake.Succeeded)));
        }
        catch (ProxyException refused)
        {
            if (refused.Status > 0)
            {
                Send(SocksHandshake.Reply(refused.Status switch
                {
                    403 => SocksHandshake.Denied,
                    NotReached => SocksHandshake.Unreachable,
                    502 => SocksHandshake.Failed,
                    _ => (byte)refused.Status,
                }));
            }
        }
    }

    /// <summary>Asks the host, tells the program of the yes, and carries bytes until both sides have ended.</summary>
    private void Connect(string kind, ProxyRequest request, Action accepted)
    {
        var input = new StreamInput();
        var stream = open(input) ?? throw new ProxyException(502, "The sandbox has no way out at present.");
        try
        {
            var rest = Ask(stream, input, new EgressRequest(AgentOperation.Egress, kind, request.Host, request.Port, request.Method, request.Path));
            accepted();
            if (!stream.Send([.. request.Forward ?? [], .. Early(request)]))
            {
                throw new InvalidDataException("The stream ended before its request.");
            }

            _reader.SetPatience(0);
            var relay = new SocketRelay(stream, input, _socket)
            {
                Most = request.Method is null ? long.MaxValue : request.Body - Early(request).Length,
                EndsTogether = request.Method is not null,
            };
            _socket = -1;
            relay.Run(rest);
        }
        catch
        {
            stream.Reset();
            throw;
        }
    }

    /// <summary>What the program sent before it had an answer: of a plain request only what belongs to it.</summary>
    private ReadOnlySpan<byte> Early(ProxyRequest request) =>
        request.Method is null ? _reader.Rest : _reader.Rest[..(int)Math.Min(request.Body, _reader.Rest.Length)];

    /// <summary>The host's answer; returns the bytes that came right behind a yes.</summary>
    private static byte[] Ask(AgentStream stream, StreamInput input, EgressRequest request)
    {
        var answer = new MessageAssembler();
        try
        {
            stream.Send(MessageFraming.Encode(request, AgentJson.Default.EgressRequest));
            while (input.Read(stream) is { } piece)
            {
                var taken = answer.Append(piece.Span);
                if (!answer.Complete)
                {
                    continue;
                }

                var reply = MessageFraming.Decode(answer.Json, AgentJson.Default.AgentReply);
                return reply.Ok ? piece[taken..].ToArray() : throw new ProxyException(StatusOf(reply.Code), reply.Message ?? "The host refused the connection.");
            }
        }
        catch (InvalidDataException)
        {
            // Reset: the host takes no connections, or too many are open.
            throw new ProxyException(502, "The host takes no connections from this sandbox at present.");
        }

        throw new ProxyException(502, "The host ended the connection.");
    }

    private static int StatusOf(string? code) => code switch
    {
        AgentErrorCode.Denied => 403,
        AgentErrorCode.NotFound => NotReached,
        _ => 502,
    };

    private void Send(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            _ = Descriptors.Write(_socket, start, bytes.Length);
        }
    }
}
