using System.Net;
using System.Net.Sockets;
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
}
