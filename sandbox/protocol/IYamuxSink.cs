namespace ToolRuntime.Sandbox.Protocol;

/// <summary>Takes the frames that a <see cref="YamuxParser"/> finds. An exception from it ends the channel.</summary>
public interface IYamuxSink
{
    /// <summary>A header has come. For data, this is where its length is judged, before any of it is taken.</summary>
    void OnHeader(in YamuxHeader header);

    /// <summary>A piece of a data frame; valid during the call.</summary>
    void OnData(in YamuxHeader header, ReadOnlySpan<byte> piece);

    /// <summary>The frame is complete; its FIN and RST hold from here on.</summary>
    void OnEnd(in YamuxHeader header);
}
