namespace ToolRuntime.Bus.Nats;

/// <summary>When an appended frame is sent.</summary>
internal enum NatsFlush
{
    /// <summary>By the appending thread, unless another is sending already: then with that one's next batch.</summary>
    Now,

    /// <summary>Soon, by another thread, together with what comes meanwhile.</summary>
    Soon,

    /// <summary>With whatever is sent next, 20 ms later at the latest: nobody waits for it, and a thread is not woken for it alone.</summary>
    Later,
}
