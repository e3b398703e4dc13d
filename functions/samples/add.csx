/// <summary>Adds two numbers.</summary>
/// <param name="a">The first number.</param>
/// <param name="b">The second number.</param>
/// <returns>Their sum.</returns>
public double Add(double a, double b) => a + b;
