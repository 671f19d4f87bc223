using System.Text;
using System.Text.Json;

namespace Clob.Protocol.Tests;

/// <summary>
/// The 914 Ed25519 edge cases of C2SP/CCTV. accepted.json pins, by their numbers, the signatures that the library in use accepts
/// and the keys that may register: a change of library that moves one of them would split the venue from its verifiers.
/// </summary>
public sealed class SigningVectorTests
{
    private sealed record Vector(int Number, byte[] Key, byte[] Signature, byte[] Message);

    [Test]
    public void Accepts_exactly_the_listed_signatures()
    {
        string folder = Folder();
        List<int> accepted = Vectors(folder)
            .Where(v => VerifyingKey.TryImport(v.Key) is { } key && key.Verify(v.Message, v.Signature))
            .Select(v => v.Number).ToList();
        Assert.That(accepted, Is.EqualTo(Listed(folder, "signature_accepted")));
        Assert.That(accepted, Has.Count.EqualTo(43));
    }

    [Test]
    public void Admits_exactly_the_listed_keys()
    {
        string folder = Folder();
        List<int> admitted = Vectors(folder).Where(v => VerifyingKey.IsAdmissible(v.Key)).Select(v => v.Number).ToList();
        Assert.That(admitted, Is.EqualTo(Listed(folder, "key_may_register")));
        Assert.That(admitted, Has.Count.EqualTo(28));
    }

    private static List<Vector> Vectors(string folder)
    {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "ed25519vectors.json")));
        List<Vector> vectors = json.RootElement.EnumerateArray().Select(v => new Vector(
            v.GetProperty("number").GetInt32(),
            Convert.FromHexString(v.GetProperty("key").GetString()!),
            Convert.FromHexString(v.GetProperty("sig").GetString()!),
            Encoding.UTF8.GetBytes(v.GetProperty("msg").GetString()!))).ToList();
        Assert.That(vectors, Has.Count.EqualTo(914));
        return vectors;
    }

    private static List<int> Listed(string folder, string name)
    {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "accepted.json")));
        return json.RootElement.GetProperty(name).EnumerateArray().Select(n => n.GetInt32()).ToList();
    }

    private static string Folder()
    {
        IEnumerable<string> candidates = Environment.GetEnvironmentVariable("CLOB_SHARED") is { Length: > 0 } configured
            ? [configured]
            : Ancestors(TestContext.CurrentContext.TestDirectory).Select(directory => Path.Combine(directory, "shared"));
        string? folder = candidates.Select(shared => Path.Combine(shared, "vectors", "ed25519")).FirstOrDefault(Directory.Exists);
        if (folder is null)
            Assert.Ignore("The folder shared/vectors/ed25519 is neither beside the repository nor in CLOB_SHARED.");
        return folder!;
    }

    private static IEnumerable<string> Ancestors(string directory)
    {
        for (DirectoryInfo? at = new(directory); at is not null; at = at.Parent)
            yield return at.FullName;
    }
}
