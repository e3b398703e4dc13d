namespace ToolRuntime.Runtime.Workers;

/// <summary>Receives a call's frames before its answer, on the reader's thread; waiting in it slows the worker. The payload is valid until it returns.</summary>
internal delegate ValueTask WorkerFrameHandler(WorkerFrame frame);
