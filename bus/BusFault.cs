using ToolRuntime.Bus.Nats;
using ToolRuntime.Bus.Nats.JetStream;
using ToolRuntime.Functions;

namespace ToolRuntime.Bus;

/// <summary>What a failure of the bus is to callers. Whoever works for the bus tries again instead; who only asks it for somebody says this.</summary>
public static class BusFault
{
    private const int FirstOfServers = 500;

    /// <summary>The fault that <paramref name="error"/> is, or null where the bus has nothing to do with it.</summary>
    public static FunctionFault? Of(Exception error) => error switch
    {
        NatsPayloadTooLargeException or NatsProtocolViolationException or NatsJSApiException { Error.Code: < FirstOfServers } => new FunctionFault(FaultCode.Internal, error.Message),
        NatsException => new FunctionFault(FaultCode.BusUnavailable, $"the message server does not answer at present: {error.Message}", "ask again; what was asked may have been done all the same"),
        _ => null,
    };
}
