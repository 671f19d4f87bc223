using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Clob.Settlement;
using Clob.Verifier.Audit;

namespace Clob.Verifier.Tests;

/// <summary>Batches from a proxy over HTTP, served from a folder.</summary>
public sealed class EigenDaTests
{
    [TestCase(0, false, 0)]
    [TestCase(1, false, 3, TestName = "Finds_a_flipped_bit_in_a_batch_that_a_proxy_serves")]
    [TestCase(0, true, 4, TestName = "Says_that_a_proxy_does_not_have_a_batch")]
    public void Reads_the_batches_from_a_proxy(int flip, bool deleted, int code)
    {
        using VenueOnDisk venue = new VenueOnDisk().Open().Trade().Trade(101);
        using Copy copy = venue.CopyData();
        string second = Path.Combine(copy.Data, "da", Convert.ToHexStringLower(venue.Checkpoints[1].Batches[0].Commitment.Span));
        if (flip != 0)
            Copy.Flip(second, 40);
        if (deleted)
            File.Delete(second);
        using HttpListener proxy = Serve(Path.Combine(copy.Data, "da"), out Uri url);

        VerificationResult result = FullVerification.Run(new FullOptions { DataDirectory = venue.Data, Source = RecordSourceKind.Da, DaUrl = url });

        Assert.That((int)result.Code, Is.EqualTo(code), $"{result.Failure}");
        if (code != 0)
            Assert.That(result.Failure!.Sequence, Is.EqualTo(venue.Checkpoints[1].Batches[0].First));
    }

    [Test]
    public void Reads_a_venue_that_changed_its_layer_from_both_and_says_which_one_is_missing()
    {
        using var venue = new VenueOnDisk();
        venue.Open().Trade();
        string elsewhere = Path.Combine(venue.Data, "elsewhere");
        venue.Layer = new Certificates(elsewhere);
        venue.Trade(101).Trade(102);
        using HttpListener proxy = Serve(elsewhere, out Uri url);
        ulong changed = venue.Checkpoints[1].Batches[0].First;

        VerificationResult both = Verify(venue, "da", url);
        VerificationResult folderOnly = Verify(venue, null, null);
        VerificationResult proxyOnly = Verify(venue, null, url);

        Assert.That(both.Failure, Is.Null, $"{both.Failure}");
        Assert.That(both.Summary.Checkpoints, Is.EqualTo(3));
        Assert.That((folderOnly.Code, folderOnly.Failure!.Sequence), Is.EqualTo((ExitCode.MissingData, (ulong?)changed)), $"{folderOnly.Failure}");
        Assert.That(folderOnly.Failure.Found, Does.Contain("33 bytes").And.Contain("--da-url"));
        Assert.That((proxyOnly.Code, proxyOnly.Failure!.Sequence), Is.EqualTo((ExitCode.MissingData, (ulong?)0)), $"{proxyOnly.Failure}");
        Assert.That(proxyOnly.Failure.Found, Does.Contain("404").And.Contain("--da-folder"));
    }

    [Test]
    public void Gives_no_advice_on_a_batch_that_was_looked_for_in_the_right_place()
    {
        using VenueOnDisk venue = new VenueOnDisk().Open().Trade();
        File.Delete(Path.Combine(venue.Data, "da", Convert.ToHexStringLower(venue.Checkpoints[0].Batches[0].Commitment.Span)));
        VerificationResult result = Verify(venue, null, null);
        Assert.That(result.Code, Is.EqualTo(ExitCode.MissingData));
        Assert.That(result.Failure!.Found, Does.Not.Contain("--da"));
    }

    private static VerificationResult Verify(VenueOnDisk venue, string? folder, Uri? proxy) =>
        FullVerification.Run(new FullOptions { DataDirectory = venue.Data, Source = RecordSourceKind.Da, DaFolder = folder, DaUrl = proxy });

    private static HttpListener Serve(string folder, out Uri url)
    {
        var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        int port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        url = new Uri($"http://127.0.0.1:{port}");
        var listener = new HttpListener { Prefixes = { $"{url}" } };
        listener.Start();
        _ = Task.Run(async () =>
        {
            while (listener.IsListening)
            {
                HttpListenerContext context;
                try
                {
                    context = await listener.GetContextAsync();
                }
                catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
                {
                    return;
                }
                string file = Path.Combine(folder, context.Request.Url!.AbsolutePath.Replace("/get/0x", "", StringComparison.Ordinal));
                context.Response.StatusCode = File.Exists(file) ? 200 : 404;
                if (File.Exists(file))
                    await context.Response.OutputStream.WriteAsync(await File.ReadAllBytesAsync(file));
                context.Response.Close();
            }
        });
        return listener;
    }

    /// <summary>Gives commitments that are not the SHA-256 of a batch, as EigenDA does.</summary>
    private sealed class Certificates(string folder) : IDataAvailability
    {
        public async Task<byte[]> PutAsync(ReadOnlyMemory<byte> batch, CancellationToken cancellation)
        {
            byte[] commitment = [1, .. SHA256.HashData(batch.Span)];
            Directory.CreateDirectory(folder);
            await File.WriteAllBytesAsync(Path.Combine(folder, Convert.ToHexStringLower(commitment)), batch, cancellation);
            return commitment;
        }

        public Task<byte[]> GetAsync(ReadOnlyMemory<byte> commitment, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<long> MaximumBatchSizeAsync(CancellationToken cancellation) => throw new NotSupportedException();
    }
}
