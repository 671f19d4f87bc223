using System.Buffers.Binary;
using System.Security.Cryptography;
using Clob.Engine;
using Clob.Protocol;

namespace Clob.Matching.Tests;

/// <summary>
/// Journals in a folder, a file for each: its name is the shape that says the rules, and it holds, record by record, whether its signature
/// is valid (1 byte), its length (u32) and its bytes.
/// </summary>
internal static class ReplayedJournals
{
    public static void Write(string folder, Shape shape, IReadOnlyList<(byte[] Record, bool IsValid)> journal)
    {
        using var file = File.Create(Path.Combine(folder, shape.Name));
        foreach (var (record, isValid) in journal)
        {
            byte[] head = new byte[5];
            head[0] = isValid ? (byte)1 : (byte)0;
            BinaryPrimitives.WriteUInt32BigEndian(head.AsSpan(1), (uint)record.Length);
            file.Write(head);
            file.Write(record);
        }
    }

    /// <summary>A hash over every event that replay of the journals causes and over the states it ends in.</summary>
    public static string Digest(string folder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string path in Directory.GetFiles(folder).Order(StringComparer.Ordinal))
            Replay(File.ReadAllBytes(path), Shape.Named(Path.GetFileName(path)).Rules, hash);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Replay(ReadOnlySpan<byte> journal, EngineRules rules, IncrementalHash hash)
    {
        var exchange = new Exchange(ExchangeCapacity.Small, rules);
        var sink = new HashedEvents(hash);
        while (!journal.IsEmpty)
        {
            var hint = SignatureHint.Settled(journal[0] != 0);
            int length = (int)BinaryPrimitives.ReadUInt32BigEndian(journal[1..]);
            RecordHeader.TryRead(journal.Slice(5, length), out var header, out var payload);
            exchange.Apply(header, payload, hint, ref sink);
            journal = journal[(5 + length)..];
        }

        exchange.Audit();
        exchange.VisitState(ref sink);
    }

    private readonly struct HashedEvents(IncrementalHash hash) : IEventSink, IStateVisitor
    {
        public void OnEvent(in ExchangeEvent happened)
        {
            Span<byte> bytes = stackalloc byte[128];
            happened.Write(bytes);
            hash.AppendData(bytes);
        }

        public void Visit(StateSection section, ReadOnlySpan<byte> entry)
        {
            hash.AppendData([(byte)section]);
            hash.AppendData(entry);
        }
    }
}
