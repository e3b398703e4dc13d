namespace ToolRuntime.Runtime.Sandboxes;

/// <summary>What a decision to boot one more sandbox looks at.</summary>
/// <param name="Shared">Whether the key is shared by all calls; another key never gets a second sandbox.</param>
/// <param name="Waiting">Calls of this key that wait.</param>
/// <param name="OldestWait">How long the first of them has waited since the key last got a sandbox.</param>
/// <param name="Live">Sandboxes of this key that run.</param>
/// <param name="Booting">Sandboxes of this key that boot.</param>
/// <param name="Total">Sandboxes of the function in all, booting ones included.</param>
/// <param name="Maximum">Most of them.</param>
/// <param name="Concurrency">Calls at once in one.</param>
/// <param name="HostIsBusy">Whether the host's processors have nothing left to give.</param>
internal readonly record struct GrowthView(bool Shared, int Waiting, TimeSpan OldestWait, int Live, int Booting, int Total, int Maximum, int Concurrency, bool HostIsBusy);
