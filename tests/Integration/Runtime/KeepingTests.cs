using System.Text;
using System.Text.Json;

using ToolRuntime.Bus.State;
using ToolRuntime.Functions;

namespace ToolRuntime.Tests.Integration.Runtime;

/// <summary>What functions in sandboxes keep, in every language: the worker is killed in the middle, and the call goes on from there.</summary>
public sealed class KeepingTests(RuntimeMachine machine) : IClassFixture<RuntimeMachine>
{
    private const string Python = """"
        import os, signal

        def work(ctx, megabytes: int = 0) -> dict:
            """Works.

            Args:
                megabytes: How much is kept.
            """
            paid = ctx.step("pay", lambda: ctx.state.put("paid", (ctx.state.get("paid") or 0) + 1))
            if ctx.previous_checkpoint is None:
                ctx.checkpoint({"at": 7, "much": "x" * (megabytes << 20)})
                ctx.step("end", lambda: 1)
                os.kill(os.getpid(), signal.SIGKILL)
            again = ctx.step("pay", lambda: -1)
            return {"at": ctx.previous_checkpoint["at"], "much": len(ctx.previous_checkpoint["much"]), "paid": ctx.state.get("paid"), "same": paid == again}
        """";

    private const string Node = """
        /**
         * Works.
         * @param {number} [megabytes=0] How much is kept.
         * @returns {Promise<any>} What was kept.
         */
        export async function work(megabytes = 0, ctx) {
          const paid = await ctx.step('pay', async () => ctx.state.put('paid', ((await ctx.state.get('paid')) ?? 0) + 1));
          if (ctx.previousCheckpoint === undefined) {
            ctx.checkpoint({ at: 7, much: 'x'.repeat(megabytes * 1048576) });
            await ctx.step('end', () => 1);
            process.kill(process.pid, 'SIGKILL');
          }
          const again = await ctx.step('pay', () => -1);
          return { at: ctx.previousCheckpoint.at, much: ctx.previousCheckpoint.much.length, paid: await ctx.state.get('paid'), same: paid === again };
        }
        """;

    private const string CSharp = """
        /// <summary>Works.</summary>
        /// <param name="megabytes">How much is kept.</param>
        public static async Task<object> Work(Context ctx, int megabytes = 0)
        {
            var paid = await ctx.StepAsync("pay", async () => await ctx.State.PutAsync("paid", await ctx.State.GetAsync<int>("paid") + 1));
            if (ctx.PreviousCheckpoint is not { } kept)
            {
                ctx.Checkpoint(new { at = 7, much = new string('x', megabytes << 20) });
                await ctx.StepAsync("end", () => Task.FromResult(1));
                System.Diagnostics.Process.GetCurrentProcess().Kill();
                throw new Exception("it lives");
            }

            var again = await ctx.StepAsync("pay", () => Task.FromResult(-1L));
            return new { at = kept.GetProperty("at").GetInt32(), much = kept.GetProperty("much").GetString().Length, paid = await ctx.State.GetAsync<int>("paid"), same = paid == again };
        }
        """;

    private const string Shell = """
        #!/usr/bin/env bash
        # Works.
        # @name work
        # @param [megabytes=0] {integer} How much is kept.
        # @returns {object} What was kept.
        pay() { local paid; paid=$(ctx state get paid 2>/dev/null) || paid=0; ctx state put paid $((paid + 1)); }
        paid=$(ctx step pay -- pay)
        if [ "$(ctx checkpoint)" = null ]; then
          { printf '{"at":7,"much":"'; head -c $((${ARG_megabytes:-0} << 20)) /dev/zero | tr '\0' x; printf '"}'; } | ctx checkpoint -
          command ctx step end -- echo 1 > /dev/null
          kill -9 $PPID
          sleep 60
        fi
        again=$(command ctx step pay -- echo -1)
        much=$(($(ctx checkpoint | wc -c) - 19))
        printf '{"at":7,"much":%d,"paid":%s,"same":%s}' "$much" "$(ctx state get paid)" "$([ "$paid" = "$again" ] && echo true || echo false)"
        """;

    [Theory]
    [InlineData("work.py", 0)]
    [InlineData("work.py", 50)]
    [InlineData("work.mjs", 0)]
    [InlineData("work.mjs", 50)]
    [InlineData("work.csx", 0)]
    [InlineData("work.csx", 50)]
    [InlineData("work.sh", 0)]
    [InlineData("work.sh", 50)]
    public async Task AKilledCallGoesOnFromItsCheckpointAndRepeatsNoStep(string file, int megabytes)
    {
        using var deadline = RuntimeMachine.Deadline();
        var code = Path.GetExtension(file) switch { ".py" => Python, ".mjs" => Node, ".csx" => CSharp, _ => Shell };
        var version = await machine.DeployAsync(file, code, new { timeoutSeconds = 120, limits = new { memoryMiB = 2048 } }, deadline.Token);

        var value = (await machine.CallAsync(version, $$"""{"megabytes":{{megabytes}}}""", deadline.Token)).Value;

        Assert.Equal((7, megabytes << 20, 1, true), (value.GetProperty("at").GetInt32(), value.GetProperty("much").GetInt32(), value.GetProperty("paid").GetInt32(), value.GetProperty("same").GetBoolean()));
    }

    [Fact]
    public async Task StateIsTheCallsOwnSessionsAndAConflictCarriesTheRevision()
    {
        using var deadline = RuntimeMachine.Deadline();
        const string code = """
            from toolruntime import StateConflict

            def remember(ctx) -> list:
                first = ctx.state.put("k", {"n": 1}, if_revision=0)
                try:
                    ctx.state.put("k", 2, if_revision=0)
                    return ["no conflict"]
                except StateConflict as conflict:
                    told = conflict.revision == first
                ctx.state.tenant.put("shared", 1, ttl=60)
                return [told, ctx.state.get("k"), [key["key"] for key in ctx.state.list()], ctx.state.delete("k"), ctx.state.delete("k"), ctx.state.get("k", "gone")]
            """;
        var version = await machine.DeployAsync("remember.py", code, null, deadline.Token);
        var call = RuntimeMachine.Call(version, "remember", "{}"u8.ToArray());
        var value = (await machine.RunAsync(call, deadline.Token)).Value;

        Assert.Equal("""[true,{"n":1},["k"],true,false,"gone"]""", value.GetRawText());
        Assert.Equal("1", Encoding.UTF8.GetString((await machine.Bus.State.GetAsync(new StateScope(call.Caller.Tenant), "shared", deadline.Token))!.Value.Value.Span));
    }

    [Fact]
    public async Task TwoFunctionsInTwoLanguagesTalkByMailbox()
    {
        using var deadline = RuntimeMachine.Deadline();
        const string answerer = """"
            def answer(ctx) -> list:
                """Answers one request."""
                [message] = ctx.mailbox.receive("sums", wait=60)
                message.reply(message.body["a"] + message.body["b"])
                return [message.sender, message.ack(), message.ack()]
            """";
        const string asker = """
            /** Asks. @returns {Promise<any>} The sum. */
            export async function ask(ctx) {
              return ctx.mailbox.request('sums', { a: 2, b: 3 }, { timeout: 60 });
            }
            """;
        var answering = machine.CallAsync(await machine.DeployAsync("answer.py", answerer, null, deadline.Token), "{}", deadline.Token);
        var asked = await machine.CallAsync(await machine.DeployAsync("ask.mjs", asker, null, deadline.Token), "{}", deadline.Token);

        Assert.Equal(5, asked.Value.GetInt32());
        Assert.Equal("""["ask",true,false]""", (await answering).Value.GetRawText());
    }
}
