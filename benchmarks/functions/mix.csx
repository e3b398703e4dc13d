/// <summary>Gives a number that depends on n, so that no answer can come from a cache.</summary>
/// <param name="n">Any number.</param>
public string mix(long n) => $"m{n * 7919 + 12345}m";
