namespace ToolRuntime.Cli.Init;

/// <summary>One template for each language; a test deploys each.</summary>
internal static class Templates
{
    public static IReadOnlyDictionary<string, Template> All { get; } = new Dictionary<string, Template>(StringComparer.Ordinal)
    {
        ["python"] = new(".py", """"
            def NAME(name: str, times: int = 1) -> list[str]:
                """Greets somebody.

                Args:
                    name: Who to greet.
                    times: How often, 1 to 10.
                """
                return [f"Hello, {name}!"] * times

            """"),
        ["javascript"] = new(".mjs", """
            /**
             * Greets somebody.
             * @param {string} name Who to greet.
             * @param {number} [times=1] How often, 1 to 10.
             * @returns {string[]} One greeting for each time.
             */
            export function NAME(name, times = 1) {
              return Array(times).fill(`Hello, ${name}!`);
            }

            """),
        ["typescript"] = new(".ts", """
            /**
             * Greets somebody.
             * @param name Who to greet.
             * @param times How often, 1 to 10.
             */
            export function NAME(name: string, times: number = 1): string[] {
              return Array(times).fill(`Hello, ${name}!`);
            }

            """),
        ["shell"] = new(".sh", """
            #!/usr/bin/env bash
            # Greets somebody.
            # @name NAME
            # @param name {string} Who to greet.
            # @param [times=1] {integer} How often, 1 to 10.
            set -euo pipefail
            for ((i = 0; i < ARG_times; i++)); do
              printf 'Hello, %s!\n' "$ARG_name"
            done

            """),
        ["csharp"] = new(".csx", """
            /// <summary>Greets somebody.</summary>
            /// <param name="name">Who to greet.</param>
            /// <param name="times">How often, 1 to 10.</param>
            public static string[] NAME(string name, int times = 1) =>
                Enumerable.Repeat($"Hello, {name}!", times).ToArray();

            """),
    };
}
