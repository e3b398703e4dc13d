using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

using Org.BouncyCastle.Crypto.Parameters;

using ToolRuntime.Bus;
using ToolRuntime.Functions;

namespace ToolRuntime.Tests.Integration.Bus;

/// <summary>A nats-server that takes TLS with a client's certificate, and each kind of credentials.</summary>
public sealed class SecureServerTests : IDisposable
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private readonly string _folder = Directory.CreateTempSubdirectory("toolrt-tls-").FullName;
    private readonly List<Process> _servers = [];

    public void Dispose()
    {
        foreach (var server in _servers)
        {
            server.Kill();
            server.WaitForExit();
            server.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("password")]
    [InlineData("token")]
    [InlineData("nkey")]
    public async Task CallsGoRoundOverTlsWithEachKindOfCredentials(string kind)
    {
        var (authorization, options) = Credentials(kind);
        Certificates();
        var port = Start($"tls {{ cert_file: \"{File("server.pem")}\", key_file: \"{File("server.key")}\", ca_file: \"{File("ca.pem")}\", verify: true }}\n{authorization}");
        options = options with { Servers = [$"tls://127.0.0.1:{port}"], TlsCaFile = File("ca.pem"), TlsCertificateFile = File("client.pem"), TlsKeyFile = File("client.key"), Partitions = 1 };
        options = options.ScaledTo(200L << 20);

        await using var bus = await ReachAsync(options);
        var large = RandomNumberGenerator.GetBytes(3_000_000);
        var call = BusServer.NewInvocation(arguments: large);
        await bus.Queue.EnqueueAsync(call, owner: null, BusServer.Deadline());
        await foreach (var delivery in bus.Queue.TakeAsync("r1", ["base"], 1, BusServer.Deadline()))
        {
            Assert.Equal(call.Id, delivery.Invocation.Id);
            Assert.True(large.AsSpan().SequenceEqual(delivery.Invocation.Arguments.Span));
            await delivery.AckAsync(BusServer.Deadline());
            break;
        }

        // Without what it needs, the refusal says what is missing.
        var plain = await Assert.ThrowsAsync<InvalidOperationException>(() => BusServer.ConnectAsync(options with { Servers = [$"nats://127.0.0.1:{port}"] }).AsTask());
        Assert.Contains("tls://", plain.Message, StringComparison.Ordinal);
        var stranger = await Assert.ThrowsAsync<InvalidOperationException>(() => BusServer.ConnectAsync(options with { TlsCaFile = null }).AsTask());
        Assert.Contains("--nats-ca", stranger.Message, StringComparison.Ordinal);
    }

    private static async Task<MessageBus> ReachAsync(BusOptions options)
    {
        var deadline = BusServer.Deadline();
        while (true)
        {
            try
            {
                return await BusServer.ConnectAsync(options);
            }
            catch (InvalidOperationException) when (!deadline.IsCancellationRequested)
            {
                // Not up yet.
                await Task.Delay(TimeSpan.FromMilliseconds(50), deadline);
            }
        }
    }

    private (string Authorization, BusOptions Options) Credentials(string kind)
    {
        switch (kind)
        {
            case "password":
                Secret("password", "secret-of-the-test");
                return ("authorization { user: tester, password: \"secret-of-the-test\" }", new BusOptions { User = "tester", PasswordFile = File("password") });
            case "token":
                Secret("token", "token-of-the-test");
                return ("authorization { token: \"token-of-the-test\" }", new BusOptions { CredentialsFile = File("token") });
            default:
                var seed = RandomNumberGenerator.GetBytes(32);
                var key = new Ed25519PrivateKeyParameters(seed, 0).GeneratePublicKey().GetEncoded();
                Secret("nkey", Encoded([(18 << 3) | ((20 << 3) >> 5), (byte)(((20 << 3) & 31) << 3), .. seed]));
                return ($"authorization {{ users: [ {{ nkey: {Encoded([20 << 3, .. key])} }} ] }}", new BusOptions { CredentialsFile = File("nkey") });
        }
    }

    /// <summary>Base32 of the bytes with their CRC-16, as nkeys are written.</summary>
    private static string Encoded(byte[] bytes)
    {
        ushort crc = 0;
        foreach (var b in bytes)
        {
            crc ^= (ushort)(b << 8);
            for (var i = 0; i < 8; i++)
            {
                crc = (ushort)((crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1);
            }
        }

        var bits = string.Concat(bytes.Append((byte)crc).Append((byte)(crc >> 8)).Select(b => Convert.ToString(b, 2).PadLeft(8, '0')));
        return string.Concat(bits.Chunk(5).Select(c => Alphabet[Convert.ToInt32(new string(c).PadRight(5, '0'), 2)]));
    }

    private void Certificates()
    {
        var (from, to) = (TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        using var caKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test authority", caKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var ca = request.CreateSelfSigned(from, to);
        System.IO.File.WriteAllText(File("ca.pem"), ca.ExportCertificatePem());
        foreach (var name in (string[])["server", "client"])
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var leaf = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
            var names = new SubjectAlternativeNameBuilder();
            names.AddIpAddress(IPAddress.Loopback);
            leaf.CertificateExtensions.Add(names.Build());
            using var signed = leaf.Create(ca, from, to, RandomNumberGenerator.GetBytes(8));
            System.IO.File.WriteAllText(File($"{name}.pem"), signed.ExportCertificatePem());
            Secret($"{name}.key", key.ExportPkcs8PrivateKeyPem());
        }
    }

    private int Start(string configuration)
    {
        using var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        System.IO.File.WriteAllText(File("nats.conf"), $"listen: 127.0.0.1:{port}\njetstream {{ store_dir: \"{File("store")}\", max_file_store: 1GB }}\nlog_file: \"{File("log")}\"\n{configuration}\n");
        _servers.Add(Process.Start(new ProcessStartInfo("nats-server") { ArgumentList = { "-c", File("nats.conf") } })!);
        return port;
    }

    private string File(string name) => Path.Combine(_folder, name);

    private void Secret(string name, string content)
    {
        System.IO.File.WriteAllText(File(name), content, Encoding.ASCII);
        System.IO.File.SetUnixFileMode(File(name), UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
