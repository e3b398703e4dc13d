using System.Runtime.InteropServices;

namespace ToolRuntime.Sandbox.Agent.Native;

/// <summary>errno values that are told apart, and the check of a call's result.</summary>
internal static class NativeError
{
    internal const int NoEntry = 2;
    internal const int Interrupted = 4;
    internal const int InputOutput = 5;
    internal const int NoChildren = 10;
    internal const int Again = 11;
    internal const int Exists = 17;
    internal const int CrossDevice = 18;
    internal const int NotFolder = 20;
    internal const int IsFolder = 21;
    internal const int NoSpace = 28;
    internal const int QuotaExceeded = 122;
    internal const int AddressInUse = 98;
    internal const int ConnectionAborted = 103;
    internal const int ConnectionRefused = 111;

    internal static int Last => Marshal.GetLastPInvokeError();

    internal static int Check(int result, string what) => result >= 0 ? result : throw new NativeException(what, Last);
}
