using System.Text;

namespace ToolRuntime.Sdk.Worker;

/// <summary>Stands for Console.Out or Console.Error: text goes to the call that prints it, and to the process's own stream where none does.</summary>
internal sealed class CallWriter(string stream, TextWriter original) : TextWriter
{
    /// <inheritdoc/>
    public override Encoding Encoding => Encoding.UTF8;

    /// <summary>Replaces both of the console's writers.</summary>
    public static void Install()
    {
        Console.SetOut(new CallWriter("stdout", Console.Out));
        Console.SetError(new CallWriter("stderr", Console.Error));
    }

    /// <inheritdoc/>
    public override void Write(char value) => Write(new ReadOnlySpan<char>(in value));

    /// <inheritdoc/>
    public override void Write(string? value) => Write(value.AsSpan());

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<char> buffer)
    {
        if (Context.Ambient is CallContext call)
        {
            call.Output.Write(stream, buffer);
        }
        else
        {
            original.Write(buffer);
        }
    }

    /// <inheritdoc/>
    public override void WriteLine(string? value)
    {
        Write(value.AsSpan());
        Write('\n');
    }

    /// <inheritdoc/>
    public override void WriteLine(ReadOnlySpan<char> buffer)
    {
        Write(buffer);
        Write('\n');
    }

    /// <inheritdoc/>
    public override void Flush()
    {
        if (Context.Ambient is not CallContext)
        {
            original.Flush();
        }
    }
}
