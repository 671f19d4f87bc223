using System.Reflection;
using System.Security.Cryptography;
using Clob.Engine;
using Clob.Protocol;

namespace Clob.Settlement;

/// <summary>Names the rules that this program runs.</summary>
public static class EngineHash
{
    /// <summary>
    /// SHA-256 over the files of the assemblies Clob.Protocol and Clob.Engine, one after the other. Builds are deterministic, so the same
    /// source built by the same SDK gives the same hash.
    /// </summary>
    public static byte[] Compute()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (Assembly assembly in (Assembly[])[typeof(RecordHeader).Assembly, typeof(Exchange).Assembly])
            hash.AppendData(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, assembly.GetName().Name + ".dll")));
        return hash.GetHashAndReset();
    }
}
